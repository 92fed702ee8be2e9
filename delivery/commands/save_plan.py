"""Plan environments, keep each plan for an apply, and write what may be read about it.

``python -m delivery save-plan [ENVIRONMENT ...] [--out FOLDER] [--no-lock] [--restore]``: of each environment that is
named, or of all, the saved plan stays in the stack's folder; FOLDER/ENVIRONMENT gets its published JSON, its text and
the synthesized stack, or, where no plan can be made, the log that says why. What was changed by hand and Terraform
cannot see is planned too (docs/drift.md). Exit code 0: planned; 1: no plan, and why is in the log; 2: input that cannot
work.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from delivery.plan.artifact import PLANS, PlanFolder
from delivery.plan.document import Plan, PlanError
from delivery.plan.sanitizing import published
from delivery.preflight.out_of_band_changes import Purpose
from delivery.preflight.readiness import NotReadyError, check, heal
from delivery.redaction.mask import Mask, environment_secrets
from delivery.report.private_file import write_private
from delivery.terraform.stack_json import StackError, read_stack
from delivery.terraform.workspace import CommandFailedError, Workspace
from environments.schema.catalogue import choose
from environments.schema.rules import SettingsError
from environments.schema.settings import Environment
from modules.model.cloud_selection import CloudError, local_endpoint
from modules.model.names import InvalidNameError
from modules.model.selected_settings import SETTINGS


def plan(environment: Environment, folder: PlanFolder, purpose: Purpose, *, lock: bool) -> bool:
    """Plan the environment and write the folder; return whether there is a plan.

    purpose: REVIEW, or DEPLOY for a plan that is applied next.
    lock: False for credentials that may only read the state.
    """
    folder.clear()
    workspace = Workspace.of(environment)
    try:
        check("deploy" if purpose is Purpose.DEPLOY else "plan", environment)
        workspace.synthesize()
        heal(purpose, environment)
        workspace.plan(purpose.acting_role, lock=lock)
        document = workspace.document()
        text = workspace.text()
    except (NotReadyError, CommandFailedError) as error:
        log = error.log if isinstance(error, CommandFailedError) else ""
        why = Mask(environment_secrets()).clean_log(f"{log}\nError: {error}\n")
        write_private(folder.log, why)
        print(f"{environment.name}: no plan: {error}", file=sys.stderr)
        return False
    secrets = Plan.parse(json.dumps(document)).secrets
    write_private(folder.document, json.dumps(published(document, read_stack(workspace.stack))))
    write_private(folder.text, Mask(secrets).clean(text))
    write_private(folder.stack, workspace.stack.read_text(encoding="utf-8"))
    return True


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse the command line and plan."""
    parser = argparse.ArgumentParser(prog="python -m delivery save-plan", description=__doc__)
    parser.add_argument("environments", nargs="*", metavar="ENVIRONMENT")
    parser.add_argument("--out", type=Path, default=PLANS, help=f"folder for what may be read of it ({PLANS})")
    parser.add_argument("--no-lock", action="store_true", help="do not lock the state: for credentials that only read")
    parser.add_argument(
        "--restore", action="store_true", help="restore deleted secrets first: for the deploy that follows"
    )
    options = parser.parse_args(arguments)
    purpose = Purpose.DEPLOY if options.restore else Purpose.REVIEW
    try:
        known = SETTINGS.load()
        environments = [choose(name, known) for name in options.environments] or known
        # Before anything that an earlier run has written is cleared.
        local_endpoint()
        planned = [
            plan(
                environment,
                PlanFolder(root=options.out, environment=environment.name),
                purpose,
                lock=not options.no_lock,
            )
            for environment in environments
        ]
    except (SettingsError, InvalidNameError, CloudError, PlanError, StackError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0 if all(planned) else 1
