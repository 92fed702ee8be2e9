"""A stack of one resource with its state in the same folder; Terraform needs no registry and no cloud for it."""

import json
from pathlib import Path

from delivery.terraform.workspace import Workspace
from modules.model.acting_role import DEPLOY, NAME


def workspace(folder: Path, value: str = "one", **resources: object) -> Workspace:
    """Write a stack of one resource with a value, and its state next to it; like an environment's, it has roles."""
    folder.mkdir(parents=True, exist_ok=True)
    stack = {
        "terraform": {"backend": {"local": {}}},
        "variable": {NAME: {"type": "string", "default": DEPLOY}},
        "resource": {"terraform_data": {"x": {"input": value}, **resources}},
    }
    (folder / "cdk.tf.json").write_text(json.dumps(stack))
    return Workspace(folder=folder)


def stored(stack: Workspace) -> object:
    """Return the value in the state; None if nothing was applied."""
    state = stack.folder / "terraform.tfstate"
    if not state.exists():
        return None
    (resource,) = (row for row in json.loads(state.read_text())["resources"] if row["name"] == "x")
    (instance,) = resource["instances"]
    return instance["attributes"]["input"]["value"]
