"""The first exit: the same sources on CDK Terrain, the CDKTF fork (Python package ``cdktn``)."""

import json
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from delivery.terraform.stack_json import FILE
from modules.model.project import ROOT
from tools.exits.differences import undeclared
from tools.exits.error import ExitError
from tools.exits.installation import Installation, ensure_installed
from tools.exits.renamed_copy import renamed_copy
from tools.exits.staging import STAGING, callers_variables
from tools.exits.steps import run, step

# With and without the fast loader.
_BINDINGS = ("slim", "full")
# The part of Terraform's sentence that it prints in one color.
_NO_CHANGES = "found no differences, so no changes are needed"


def take(cloud: Mapping[str, str]) -> None:
    """Synthesize every stack with both and compare; then plan the deployed staging with the fork's command line.

    cloud: the variables of the local cloud on which staging is deployed. Raises ExitError.
    """
    own = callers_variables()
    with step("cdktn: install its packages, its command line and its Node.js"):
        installed = ensure_installed(own)
    with tempfile.TemporaryDirectory(prefix="mosaic-exits-") as temporary:
        copy = Path(temporary) / "source"
        copy.mkdir()
        renamed_copy(ROOT, copy)
        # cdktf.json runs the program with the Python in .venv.
        (copy / ".venv").symlink_to(ROOT / ".venv")
        with step("cdktf: synthesize every stack"):
            ours = _synthesize(ROOT, Path(temporary) / "cdktf", own)
        for bindings in _BINDINGS:
            variables = {**installed.variables(own), "MOSAIC_BINDINGS": bindings}
            with step(f"cdktn: synthesize every stack, MOSAIC_BINDINGS={bindings}"):
                theirs = _synthesize(copy, Path(temporary) / bindings, variables)
            _compare(ours, theirs, bindings)
        with step("cdktn: its command line plans the deployed staging to no change"):
            _plan(copy, installed, cloud)


def _synthesize(source: Path, folder: Path, variables: Mapping[str, str]) -> dict[str, object]:
    run((sys.executable, "main.py"), folder=source, variables={**variables, "CDKTF_OUTDIR": str(folder)})
    files = folder.glob(f"stacks/*/{FILE}")
    return {file.parent.name: json.loads(file.read_text(encoding="utf-8")) for file in files}


def _compare(ours: Mapping[str, object], theirs: Mapping[str, object], bindings: str) -> None:
    if {*ours} != {*theirs}:
        raise ExitError(f"cdktn ({bindings}) writes the stacks {sorted(theirs)}; expected: {sorted(ours)}")
    found = [f"{stack}: {line}" for stack in sorted(ours) for line in undeclared(ours[stack], theirs[stack])]
    if found:
        raise ExitError("\n".join((f"cdktn ({bindings}) writes different JSON than cdktf:", *found)))


def _plan(copy: Path, installed: Installation, cloud: Mapping[str, str]) -> None:
    variables = {**installed.variables(cloud), "MOSAIC_ENVIRONMENT": STAGING, "CDKTF_OUTPUT": str(copy / "cdktf.out")}
    printed = run((installed.command, "plan", STAGING), folder=copy, variables=variables)
    if _NO_CHANGES not in printed:
        raise ExitError(f"cdktn plan {STAGING} does not say {_NO_CHANGES!r}:\n{printed}")
