"""Runs the cdktf command line for stacks of this project."""

import os
import sys
from collections.abc import Sequence

from delivery.terraform import log_level, process
from modules.model.project import ROOT

# A state that somebody else is changing is waited for a little before the run gives up.
WAIT_FOR_LOCK = "-lock-timeout=20s"
INTERRUPTED = 130
_CDKTF = ROOT / "node_modules" / ".bin" / "cdktf"


def run(action: str, stacks: Sequence[str], *, auto_approve: bool = False, arguments: Sequence[str] = ()) -> int:
    """Run cdktf and return its exit code. After Ctrl-C Terraform finishes what it is at, and is waited for.

    action: plan, deploy or destroy. arguments: further ones of Terraform's plan and apply. Without a terminal cdktf
    draws no moving picture.
    """
    named = " ".join(stacks)
    if said := log_level.notice(os.environ):
        print(said, file=sys.stderr)
    if not _CDKTF.exists():
        print(f"error: {_CDKTF} does not exist; install it: make setup", file=sys.stderr)
        return 2
    variables = {
        # main.py then makes no other stack.
        "MOSAIC_ENVIRONMENT": stacks[0] if len(stacks) == 1 else "",
        **{f"TF_CLI_ARGS_{command}": " ".join((WAIT_FOR_LOCK, *arguments)) for command in ("plan", "apply", "destroy")},
    }
    if not sys.stdout.isatty():
        # cdktf 0.21 redraws what it shows by moving the cursor, hundreds of lines in a file, but not in CI.
        variables["CI"] = "true"
    code, interrupted = process.run(
        [str(_CDKTF), action, *stacks, *(["--auto-approve"] if auto_approve else [])],
        folder=ROOT,
        variables=variables,
        said=f"{action} {named}: stopping after what is under way",
    )
    if interrupted:
        print(f"{action} {named}: interrupted; run it again to go on", file=sys.stderr)
        return INTERRUPTED
    return code if code >= 0 else 128 - code
