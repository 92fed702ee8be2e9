"""A stack of one resource whose state lies beside it: Terraform needs no registry and no cloud for it."""

import json
from pathlib import Path

from delivery.terraform.workspace import Workspace
from modules.model.acting_role import DEPLOY, NAME


def workspace(folder: Path, value: str = "one", **resources: object) -> Workspace:
    """A stack of one resource that keeps a value, its state beside it; it knows roles, as an environment's does."""
    folder.mkdir(parents=True, exist_ok=True)
    stack = {
        "terraform": {"backend": {"local": {}}},
        "variable": {NAME: {"type": "string", "default": DEPLOY}},
        "resource": {"terraform_data": {"x": {"input": value}, **resources}},
    }
    (folder / "cdk.tf.json").write_text(json.dumps(stack))
    return Workspace(folder=folder)


def stored(stack: Workspace) -> object:
    """The value that the state keeps; None where nothing was applied."""
    state = stack.folder / "terraform.tfstate"
    if not state.exists():
        return None
    (resource,) = (row for row in json.loads(state.read_text())["resources"] if row["name"] == "x")
    (instance,) = resource["instances"]
    return instance["attributes"]["input"]["value"]
