"""The second exit, OpenTofu instead of Terraform, and the third, Terraform and the JSON alone."""

import json
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from delivery.plan.artifact import PlanFolder
from delivery.plan.document import Action, Plan, PlanError
from delivery.plan.hash import plan_hash
from delivery.terraform.program import VARIABLE
from delivery.terraform.stack_json import FILE, read_stack
from modules.model.project import ROOT
from tools.exits.error import ExitError
from tools.exits.opentofu_program import ensure_built
from tools.exits.staging import STAGING, python
from tools.exits.steps import run, step

_NO_COLOR = ("-input=false", "-no-color")
# OpenTofu's apply replaces this so that it writes the state. Nothing runs in it, and nothing refers to it.
_REPLACED = "kubernetes_limit_range_v1"


def take_opentofu(cloud: Mapping[str, str]) -> None:
    """Plan the deployed staging with both, apply a change with OpenTofu, and plan with Terraform again.

    cloud: the variables of the local cloud on which staging is deployed. Raises ExitError.
    """
    with step("opentofu: build it from the Go module proxy"):
        program = ensure_built()
    by_tofu = {**cloud, VARIABLE: str(program)}
    with tempfile.TemporaryDirectory(prefix="mosaic-exits-") as temporary:
        folder = Path(temporary)
        with step("terraform: the deployed staging, planned by this project's commands"):
            ours = _planned(folder / "terraform", cloud)
        with step("opentofu: the deployed staging, planned by this project's commands"):
            theirs = _planned(folder / "opentofu", by_tofu)
        if ours != theirs:
            raise ExitError(f"OpenTofu's plan of {STAGING} has the hash {theirs}; expected Terraform's, {ours}")
        with step("opentofu: apply, so that it writes the state"):
            _apply(folder / "apply", folder / "opentofu", program, cloud)


def take_terraform(cloud: Mapping[str, str]) -> None:
    """Plan the deployed staging with nothing but the JSON, Terraform, and the ``aws`` that logs in to the cluster.

    cloud: as above. Raises ExitError.
    """
    with tempfile.TemporaryDirectory(prefix="mosaic-exits-") as temporary:
        folder, programs = Path(temporary) / "stack", Path(temporary) / "programs"
        python("main.py", variables={**cloud, "CDKTF_OUTDIR": temporary, "MOSAIC_ENVIRONMENT": STAGING})
        folder.mkdir()
        shutil.copyfile(Path(temporary) / "stacks" / STAGING / FILE, folder / FILE)
        programs.mkdir()
        for name in ("terraform", "aws"):
            (programs / name).symlink_to(_program(name, cloud))
        without_more = {**cloud, "PATH": str(programs)}
        with step("terraform: the deployed staging, planned of the JSON without Node.js and Python"):
            _plan_alone(programs / "terraform", folder, without_more)


def _planned(folder: Path, variables: Mapping[str, str]) -> str:
    """Return the hash of save-plan's plan, which must be empty. Leaves the plan and its stack in the folder."""
    variables = {**variables, "CDKTF_OUTPUT": str(folder / "cdktf.out")}
    folder.mkdir()
    python("-m", "delivery", "save-plan", STAGING, "--out", str(folder), variables=variables)
    kept = PlanFolder(root=folder, environment=STAGING)
    try:
        plan = Plan.read(kept.document)
    except PlanError as error:
        raise ExitError(f"{STAGING}: {error}") from None
    if changed := [f"{row.action} {row.address}" for row in plan.resources if row.action is not Action.UNCHANGED]:
        raise ExitError(f"the plan of the deployed {STAGING} changes something: {', '.join(changed)}")
    return plan_hash(plan, read_stack(kept.stack))


def _apply(folder: Path, planned: Path, program: Path, variables: Mapping[str, str]) -> None:
    folder.mkdir()
    stack = PlanFolder(root=planned, environment=STAGING).stack
    shutil.copyfile(stack, folder / FILE)
    (name,) = json.loads(stack.read_text(encoding="utf-8"))["resource"][_REPLACED]
    run((program, "init", *_NO_COLOR), folder=folder, variables=variables)
    replace = f"-replace={_REPLACED}.{name}"
    run((program, "apply", "-auto-approve", replace, *_NO_COLOR), folder=folder, variables=variables)


def _plan_alone(program: Path, folder: Path, variables: Mapping[str, str]) -> None:
    run((program, "init", *_NO_COLOR), folder=folder, variables=variables)
    # Exit code 2 means that the plan changes something.
    run((program, "plan", "-detailed-exitcode", *_NO_COLOR), folder=folder, variables=variables)


def _program(name: str, variables: Mapping[str, str]) -> str:
    found = shutil.which(name, path=f"{variables['PATH']}:{ROOT / '.venv' / 'bin'}")
    if found is None:
        raise ExitError(f"{name} is not on PATH")
    return found
