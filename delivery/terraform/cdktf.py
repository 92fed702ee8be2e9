"""Runs the cdktf command line for a stack of this project."""

import os
import sys

from delivery.terraform import acting_role, log_level, process
from environments.schema.settings import BOOTSTRAP
from modules.model.acting_role import DEPLOY, PLAN
from modules.model.project import ROOT

# If somebody else is changing the state, the run waits a little before it gives up.
WAIT_FOR_LOCK = "-lock-timeout=20s"
# Each bootstrap bucket waits a minute for its lifecycle rules; with Terraform's default of ten they would queue.
_ALL_BUCKETS_AT_ONCE = "-parallelism=30"
INTERRUPTED = 130
_CDKTF = ROOT / "node_modules" / ".bin" / "cdktf"


def run(action: str, stack: str, *, auto_approve: bool = False) -> int:
    """Run cdktf and return its exit code. On Ctrl-C it waits for Terraform to finish its current work.

    action: plan, deploy or destroy. Without a terminal cdktf draws no animation.
    """
    if said := log_level.notice(os.environ):
        print(said, file=sys.stderr)
    if not _CDKTF.exists():
        print(f"error: {_CDKTF} does not exist; install it: make setup", file=sys.stderr)
        return 2
    variables = {
        # main.py then synthesizes no other stack.
        "MOSAIC_ENVIRONMENT": stack,
        **{f"TF_CLI_ARGS_{command}": WAIT_FOR_LOCK for command in ("plan", "apply", "destroy")},
        **acting_role.variables(PLAN if action == "plan" else DEPLOY),
    }
    if stack == BOOTSTRAP:
        variables["TF_CLI_ARGS_apply"] += f" {_ALL_BUCKETS_AT_ONCE}"
    if not sys.stdout.isatty():
        # cdktf 0.21 redraws by moving the cursor, which adds hundreds of lines to a file, but not in CI.
        variables["CI"] = "true"
    code, interrupted = process.run(
        [str(_CDKTF), action, stack, *(["--auto-approve"] if auto_approve else [])],
        folder=ROOT,
        variables=variables,
        said=f"{action} {stack}: stopping after the operations in progress",
    )
    if interrupted:
        print(f"{action} {stack}: interrupted; run it again to continue", file=sys.stderr)
        return INTERRUPTED
    return code if code >= 0 else 128 - code
