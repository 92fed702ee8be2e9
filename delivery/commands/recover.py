"""Make an environment deployable again after a killed run.

``python -m delivery recover ENVIRONMENT [--lock-id ID] [--auto-approve]`` releases the state lock of a dead run,
and imports what exists outside the state. It destroys nothing and changes no secret's value. Exit code 0: the next
deploy will work; 1: it stopped, and the message says why; 2: invalid input. docs/recovery.md says what to do after each
fault.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import httpx2
from botocore.exceptions import BotoCoreError, ClientError
from lightkube import ApiError

from delivery.account.session import AccountError
from delivery.account.target import Target
from delivery.preflight import deleted_secrets
from delivery.preflight.readiness import NotReadyError, check
from delivery.recovery import kubernetes_objects
from delivery.recovery.error import RecoveryError
from delivery.recovery.importing import import_existing
from delivery.recovery.inventory import Inventory
from delivery.recovery.lock_release import release_lock
from delivery.recovery.search import Search
from delivery.recovery.stack import Stack
from delivery.recovery.stored_state import StoredState
from delivery.terraform.workspace import CommandFailedError, Workspace
from environments.schema.rules import SettingsError
from environments.schema.settings import Environment
from modules.model.cloud_selection import CloudError
from modules.model.names import InvalidNameError, state_key
from modules.model.selected_settings import SETTINGS, SHARED


def recover(target: Target, *, lock_id: str | None, auto_approve: bool) -> None:
    """Release the lock, find existing resources, and import them. Raises RecoveryError."""
    name = target.environment.name
    bucket, key = target.names.state_bucket, state_key(name)
    release_lock(target, lock_id)
    stack = Stack.read(_synthesize(target.environment))
    search = Search(target=target, stack=stack)
    inventory = Inventory.take(search, StoredState.read(target.s3, bucket=bucket, key=key))
    lines = list(inventory.lines)
    for line in lines:
        print(line, flush=True)
    if lines and not auto_approve and input(f"Do this to {name}? Only yes is accepted: ") != "yes":
        raise RecoveryError("not approved; nothing was imported")
    for path in inventory.restored:
        deleted_secrets.restore(target, path)
    for job in inventory.failed_jobs:
        kubernetes_objects.delete_job(search, job)
    import_existing(stack, inventory)
    _forget_errored_state(stack)
    done = f"{len(lines)} done" if lines else "the state already has everything that exists"
    print(f"{name}: {done}; now: make deploy ENV={name}")


def _synthesize(environment: Environment) -> Path:
    workspace = Workspace.of(environment)
    try:
        workspace.synthesize()
    except CommandFailedError as error:
        raise RecoveryError(str(error)) from None
    return workspace.folder


def _forget_errored_state(stack: Stack) -> None:
    """Delete the file in which Terraform keeps a state that it could not store: recovery found all of it itself."""
    errored = stack.folder / "errored.tfstate"
    if errored.exists():
        errored.unlink()
        print(f"remove  {errored}: the state that could not be stored is no longer needed")


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse the command line, check, recover."""
    parser = argparse.ArgumentParser(prog="python -m delivery recover", description=__doc__)
    parser.add_argument("environment")
    parser.add_argument("--lock-id", help="release this lock of a dead run on another machine")
    parser.add_argument("--auto-approve", action="store_true", help="import without asking")
    options = parser.parse_args(arguments)
    try:
        environment = SETTINGS.find(options.environment)
        check("recover", environment)
        target = Target.of(environment, SHARED)
    except (SettingsError, InvalidNameError, CloudError, NotReadyError, AccountError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    try:
        recover(target, lock_id=options.lock_id, auto_approve=options.auto_approve)
    except (RecoveryError, PermissionError, ApiError, httpx2.TransportError, BotoCoreError, ClientError) as error:
        print(f"error: {target.redaction.clean_line(str(error))}", file=sys.stderr)
        return 1
    except EOFError:
        print(
            "error: there is no answer on standard input, so nothing was imported; allowed: yes, or --auto-approve",
            file=sys.stderr,
        )
        return 2
    except KeyboardInterrupt:
        print("recover: interrupted; run it again", file=sys.stderr)
        return 130
    return 0
