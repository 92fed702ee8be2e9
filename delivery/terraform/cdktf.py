"""Runs the cdktf command line for one environment, after checking what would otherwise fail half-way.

``python -m delivery.terraform.cdktf plan|deploy|destroy ENVIRONMENT [--auto-approve]``; exit code 2 for input that cannot work,
1 for a failed run. Plain ``npx cdktf deploy ENVIRONMENT`` does the same without the checks. ``bootstrap`` is planned
and deployed likewise: the stack that makes what every environment needs. ``deploy bootstrap ENVIRONMENT`` deploys both,
one after the other as long as the environment has no state bucket.
"""

import argparse
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from delivery.account.session import CALLS, AccountError, caller, open_session
from delivery.account.target import Target
from delivery.preflight import out_of_band_changes as hand_changes
from delivery.preflight import state_bucket as own_state
from delivery.preflight.out_of_band_changes import Purpose
from delivery.preflight.ownership_conflict import undelivered
from delivery.recovery import advice
from delivery.recovery.error import RecoveryError
from delivery.terraform import log_level as terraform_log
from delivery.terraform import process as interruptible
from environments.schema import catalogue
from environments.schema.rules import SettingsError
from environments.schema.settings import BOOTSTRAP, Environment
from environments.shared import SHARED
from modules.model.cloud_selection import CloudError, local_endpoint
from modules.model.names import InvalidNameError, Names, bootstrap_state_bucket
from modules.model.project import ROOT

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

# A state that somebody else is changing is waited for a little before the run gives up.
WAIT_FOR_LOCK = "-lock-timeout=20s"
INTERRUPTED = 130


def synthesized() -> Path:
    """The folder of the synthesized stacks."""
    return ROOT / os.environ.get("CDKTF_OUTPUT", "cdktf.out") / "stacks"


class NotReadyError(Exception):
    """Something that every run needs is missing; the message says what, and what to do."""


def check(action: str, environment: Environment) -> None:
    """Raise NotReadyError unless these credentials are the account's and the state bucket is reachable.

    A protected environment is never destroyed from here, and nothing that Argo CD delivers is made twice.
    Raises CloudError.
    """
    if action == "destroy" and environment.protected:
        raise NotReadyError(
            f"{environment.name} is protected (environments/{environment.name}.py) and is not destroyed; "
            "its data-bearing resources carry prevent_destroy as well"
        )
    _check_state(_session(), Names.of(environment, SHARED).state_bucket, environment.name)
    if action != "destroy" and (problem := undelivered(environment)):
        raise NotReadyError(problem)


def check_bootstrap(action: str, also: Environment | None) -> bool:
    """Raise NotReadyError unless the bootstrap stack can be run; before a deploy its own state bucket is made.

    also: the environment that is to be deployed with it. Returns whether both can be deployed at once: not while the
    environment has no state bucket. Raises CloudError.
    """
    if action == "destroy":
        raise NotReadyError(
            f"{BOOTSTRAP} holds every environment's state and is not destroyed; its buckets carry prevent_destroy as "
            "well (docs/bootstrap.md)"
        )
    session = _session()
    if action == "plan":
        _check_state(session, bootstrap_state_bucket(SHARED), BOOTSTRAP)
        return False
    try:
        known = own_state.ensure(session, SHARED)
    except (BotoCoreError, ClientError) as error:
        bucket = bootstrap_state_bucket(SHARED)
        raise NotReadyError(f"the bucket {bucket} for the state of {BOOTSTRAP} cannot be made: {error}") from None
    return known and also is not None and _has_state_bucket(session, also)


def _session() -> boto3.Session:
    local = local_endpoint() is not None
    try:
        session = open_session(SHARED)
        caller(session, SHARED, local=local)
    except AccountError as error:
        raise NotReadyError(str(error)) from None
    return session


def _has_state_bucket(session: boto3.Session, environment: Environment) -> bool:
    try:
        _check_state(session, Names.of(environment, SHARED).state_bucket, environment.name)
    except NotReadyError:
        return False
    return True


def _check_state(session: boto3.Session, bucket: str, stack: str) -> None:
    try:
        session.client("s3", config=CALLS).head_bucket(Bucket=bucket, ExpectedBucketOwner=SHARED.account)
    except (BotoCoreError, ClientError) as error:
        code = error.response["ResponseMetadata"]["HTTPStatusCode"] if isinstance(error, ClientError) else None
        remedy = (
            "make bootstrap makes it (docs/bootstrap.md)"
            if code == HTTPStatus.NOT_FOUND
            else "these credentials must be allowed to use it"
        )
        raise NotReadyError(f"the state bucket {bucket} of {stack} cannot be reached ({error}); {remedy}") from None


def heal(purpose: Purpose, environment: Environment) -> tuple[str, ...]:
    """Return the arguments by which Terraform heals what its plan cannot see (``delivery.preflight.out_of_band_changes``).

    Raises NotReadyError or CloudError.
    """
    try:
        return hand_changes.heal(purpose, Target.of(environment, SHARED))
    except (hand_changes.HandChangeError, AccountError) as error:
        raise NotReadyError(str(error)) from None


def run(action: str, stacks: Sequence[str], *, auto_approve: bool, arguments: Sequence[str] = ()) -> int:
    """Run cdktf and return its exit code. After Ctrl-C Terraform finishes what it is at, and is waited for.

    arguments: further ones of Terraform's plan and apply.
    """
    command = [str(ROOT / "node_modules" / ".bin" / "cdktf"), action, *stacks]
    named = " ".join(stacks)
    if auto_approve and action != "plan":
        command.append("--auto-approve")
    if said := terraform_log.notice(os.environ):
        print(said, file=sys.stderr)
    variables = {
        **terraform_log.without_values(os.environ),
        "CHECKPOINT_DISABLE": "1",
        # main.py then makes no other stack.
        "MOSAIC_ENVIRONMENT": stacks[0] if len(stacks) == 1 else "",
        **{f"TF_CLI_ARGS_{command}": " ".join((WAIT_FOR_LOCK, *arguments)) for command in ("plan", "apply", "destroy")},
    }
    if not Path(command[0]).exists():
        print(f"error: {command[0]} does not exist; install it: make setup", file=sys.stderr)
        return 2
    code, interrupted = interruptible.run(
        command,
        folder=ROOT,
        variables=variables,
        said=f"{action} {named}: stopping after what is under way",
    )
    if interrupted:
        print(f"{action} {named}: interrupted; run it again to go on", file=sys.stderr)
        return INTERRUPTED
    return code if code >= 0 else 128 - code


def advise_after_failure(environment: Environment) -> None:
    """Print what to do about a deploy that failed, as far as the state bucket answers."""
    folder = synthesized() / environment.name
    _advise(lambda s3, names: advice.after_failure(s3, environment.name, names, folder), environment)


def _advise(lines: "Callable[[S3Client, Names], Iterator[str]]", environment: Environment) -> None:
    try:
        s3 = boto3.Session(region_name=SHARED.region).client("s3", config=CALLS)
        for line in lines(s3, Names.of(environment, SHARED)):
            print(f"note: {line}", file=sys.stderr, flush=True)
    except (BotoCoreError, ClientError, RecoveryError) as error:
        print(f"note: whether the state is locked cannot be seen: {error}", file=sys.stderr)


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse the command line, check, run."""
    parser = argparse.ArgumentParser(prog="python -m delivery.terraform.cdktf", description=__doc__)
    parser.add_argument("action", choices=["plan", "deploy", "destroy"])
    parser.add_argument("stacks", nargs="+", metavar="environment", help="or bootstrap, or bootstrap and one of them")
    parser.add_argument("--auto-approve", action="store_true")
    options = parser.parse_args(arguments)
    healing: tuple[str, ...] = ()
    try:
        bootstrap, environment = _chosen(options.action, options.stacks)
        if bootstrap:
            at_once = check_bootstrap(options.action, environment)
            stacks = [BOOTSTRAP]
            if at_once and environment:
                check(options.action, environment)
                # Two stacks of one run of cdktf share one synthesis, and Terraform's arguments: an address that a stack
                # does not have is not replaced in it.
                stacks, healing = [BOOTSTRAP, environment.name], heal(Purpose.DEPLOY, environment)
            code = run(options.action, stacks, auto_approve=options.auto_approve, arguments=healing)
            if code or at_once or environment is None:
                return code
        assert environment is not None  # noqa: S101 without it there is bootstrap alone, which has returned
        check(options.action, environment)
        if options.action != "destroy":
            healing = heal(Purpose(options.action), environment)
    except (SettingsError, InvalidNameError, CloudError, NotReadyError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return _run_environment(options.action, environment, auto_approve=options.auto_approve, arguments=healing)


def _chosen(action: str, stacks: Sequence[str]) -> tuple[bool, Environment | None]:
    # The bootstrap stack is made of every environment's names: what is wrong with one is said before anything is made.
    environments = catalogue.load()
    for each in environments:
        Names.of(each, SHARED)
    chosen = [catalogue.choose(name, environments) for name in stacks if name != BOOTSTRAP]
    if len(stacks) > 1 and (action != "deploy" or len(chosen) != 1 or len(stacks) > 2):
        raise NotReadyError(f"{action} {' '.join(stacks)}: allowed: one stack, or deploy bootstrap ENVIRONMENT")
    return BOOTSTRAP in stacks, chosen[0] if chosen else None


def _run_environment(action: str, environment: Environment, *, auto_approve: bool, arguments: Sequence[str]) -> int:
    _advise(lambda s3, names: advice.before(s3, environment.name, names), environment)
    code = run(action, [environment.name], auto_approve=auto_approve, arguments=arguments)
    if code not in (0, INTERRUPTED):
        advise_after_failure(environment)
    return code


if __name__ == "__main__":
    sys.exit(main())
