"""Plan environments, keep each plan for an apply, and write its publishable parts.

``python -m delivery save-plan [ENVIRONMENT ...] [--out FOLDER] [--no-lock] [--restore]`` plans the given environments,
or all. Each saved plan stays in its stack's folder. FOLDER/ENVIRONMENT gets the publishable JSON, the text and the
synthesized stack or, if planning fails, the log. It also reports manual changes that Terraform cannot see
(docs/drift.md). ``--proposal [FOLDER]`` plans the stack that a pull request proposes (``python -m delivery propose``)
instead of this checkout's own, if that stack can only read. Exit code 0: planned; 1: planning failed, and the log
says why; 2: invalid input.
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
from delivery.proposal.error import ProposalError
from delivery.proposal.judged_proposal import FOLDER, JudgedProposal
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


def plan(
    environment: Environment,
    folder: PlanFolder,
    purpose: Purpose,
    *,
    lock: bool,
    proposal: JudgedProposal | None = None,
) -> bool:
    """Plan the environment and write the folder; return whether there is a plan.

    purpose: REVIEW, or DEPLOY for a plan that is applied next.
    lock: False for credentials that can only read the state.
    proposal: supplies the stack to plan; None for this checkout's own.
    """
    folder.clear()
    workspace = Workspace.of(environment)
    try:
        if proposal is None:
            check("deploy" if purpose is Purpose.DEPLOY else "plan", environment)
            workspace.synthesize()
        else:
            # Must come before anything reads the account with these settings.
            _stop_if_it_could_do_more_than_read(proposal, environment.name)
            check("plan", environment)
            workspace.write(proposal.stack(environment.name))
        heal(purpose, environment)
        workspace.plan(purpose.acting_role, lock=lock)
        document = workspace.document()
        text = workspace.text()
        lineage = workspace.lineage()
    except (NotReadyError, CommandFailedError, NotPlannedError) as error:
        log = error.log if isinstance(error, CommandFailedError) else ""
        why = Mask(environment_secrets()).clean_log(f"{log}\nError: {error}\n")
        write_private(folder.log, why)
        print(f"{environment.name}: no plan: {error}", file=sys.stderr)
        return False
    secrets = Plan.parse(json.dumps(document)).secrets
    key = lineage.encode() if lineage else None
    write_private(folder.document, json.dumps(published(document, key=key, stack=read_stack(workspace.stack))))
    write_private(folder.text, Mask({*secrets, *filter(None, [lineage])}).clean(text))
    write_private(folder.stack, workspace.stack.read_text(encoding="utf-8"))
    return True


class NotPlannedError(Exception):
    """Terraform was not started on a proposed stack; the message says which parts could do more than read."""


def _stop_if_it_could_do_more_than_read(proposal: JudgedProposal, name: str) -> None:
    found = [f"{row.address} {row.words}" for row in proposal.refusals(name)]
    if found:
        raise NotPlannedError("not planned, because it could do more than read: " + "; ".join(found))


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse the command line and plan."""
    parser = argparse.ArgumentParser(prog="python -m delivery save-plan", description=__doc__)
    parser.add_argument("environments", nargs="*", metavar="ENVIRONMENT")
    parser.add_argument("--out", type=Path, default=PLANS, help=f"folder for the publishable parts ({PLANS})")
    parser.add_argument("--no-lock", action="store_true", help="do not lock the state, for read-only credentials")
    parser.add_argument(
        "--restore", action="store_true", help="first restore deleted secrets, for the deploy that follows"
    )
    parser.add_argument(
        "--proposal", type=Path, nargs="?", const=FOLDER, help=f"plan a pull request's proposal ({FOLDER})"
    )
    options = parser.parse_args(arguments)
    purpose = Purpose.DEPLOY if options.restore else Purpose.REVIEW
    try:
        proposal = JudgedProposal.read(options.proposal, SETTINGS, *options.environments) if options.proposal else None
        known = proposal.understood.settings.environments if proposal else SETTINGS.load()
        environments = [choose(name, known) for name in options.environments] or [
            environment for environment in known if environment.slot is None
        ]
        # Fails before any output of an earlier run is deleted.
        local_endpoint()
        planned = [
            plan(
                environment,
                PlanFolder(root=options.out, environment=environment.name),
                purpose,
                lock=not options.no_lock,
                proposal=proposal,
            )
            for environment in environments
        ]
    except (SettingsError, InvalidNameError, CloudError, PlanError, ProposalError, StackError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0 if all(planned) else 1
