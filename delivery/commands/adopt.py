"""Prepare existing resources for adoption: the steps that Terraform cannot do.

``python -m delivery adopt ENVIRONMENT [--auto-approve]``: each step says what it would do, asks, and then does all of
it or nothing. You can run it again at any time; if nothing is left to do, it says so. It changes no database row, no
object in a bucket and no secret's value. Exit code 0: plan and deploy can follow; 1: a step stopped, and the message
says why; 2: invalid input. docs/production.md and docs/gitops.md say when to run it.
"""

import argparse
import sys
from collections.abc import Sequence

import httpx2
from botocore.exceptions import BotoCoreError, ClientError
from lightkube import ApiError

from delivery.account.error import CheckError
from delivery.account.session import AccountError
from delivery.account.target import Target
from delivery.adoption.argocd_release import ArgocdRelease
from delivery.adoption.database_handover import DatabaseHandover
from delivery.adoption.database_ownership import DatabaseOwnership
from delivery.adoption.error import AdoptionError
from delivery.adoption.ingress_annotations import IngressAnnotations
from delivery.adoption.step import Step
from environments.schema.rules import SettingsError
from modules.model.cloud_selection import CloudError
from modules.model.names import InvalidNameError
from modules.model.selected_settings import SETTINGS, SHARED

# In execution order.
STEPS: tuple[Step, ...] = (DatabaseOwnership(), DatabaseHandover(), ArgocdRelease(), IngressAnnotations())


def adopt(target: Target, steps: Sequence[Step], *, auto_approve: bool) -> None:
    """Run the steps in order. Raises AdoptionError, or an error of the server that a step calls."""
    name = target.environment.name
    for step in steps:
        lines = step.changes(target)
        if not lines:
            print(f"{step.title}: nothing to do")
            continue
        print(f"{step.title}:")
        for line in lines:
            print(f"  {line}", flush=True)
        if not auto_approve and input(f"Do this to {name}? Only yes is accepted: ") != "yes":
            raise AdoptionError(f"{step.title}: not approved, so this step changed nothing")
        step.apply(target)
        print(f"{step.title}: done", flush=True)
    print(f"{name}: prepared; now: make plan ENV={name}")


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse the command line, check the credentials' account, prepare."""
    parser = argparse.ArgumentParser(prog="python -m delivery adopt", description=__doc__)
    parser.add_argument("environment")
    parser.add_argument("--auto-approve", action="store_true", help="change without asking")
    options = parser.parse_args(arguments)
    try:
        target = Target.of(SETTINGS.find(options.environment), SHARED)
        target.caller()
    except (SettingsError, InvalidNameError, CloudError, AccountError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    try:
        adopt(target, STEPS, auto_approve=options.auto_approve)
    except (AdoptionError, CheckError, ApiError, httpx2.TransportError, BotoCoreError, ClientError) as error:
        print(f"error: {target.redaction.clean_line(str(error))}", file=sys.stderr)
        return 1
    except EOFError:
        print(
            "error: there is no answer on standard input, so nothing more was done; allowed: yes, or --auto-approve",
            file=sys.stderr,
        )
        return 2
    return 0
