"""Checks before a run starts that it can finish."""

import sys
from http import HTTPStatus

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from delivery.account.session import CALLS, AccountError, caller, open_session
from delivery.account.stored_login import LoginError
from delivery.account.target import Target
from delivery.preflight import adoption, database_handover, out_of_band_changes, state_bucket
from delivery.preflight.out_of_band_changes import Purpose
from delivery.preflight.ownership_conflict import ownership_conflict
from environments.schema.catalogue import file_of
from environments.schema.settings import BOOTSTRAP, Environment
from modules.model.acting_role import DEPLOY, PLAN
from modules.model.cloud_selection import local_endpoint
from modules.model.names import Names, bootstrap_state_bucket
from modules.model.selected_settings import SHARED


class NotReadyError(Exception):
    """A requirement of the run is missing; the message says which, and what to do."""


def check(action: str, environment: Environment) -> None:
    """Raise NotReadyError unless these credentials belong to the account and the state bucket is reachable.

    Also refuses to destroy a protected environment, to create what Argo CD delivers, to adopt what would lose
    something, and to deploy a database that is not the deployer's. A plan only reports the last two. Raises CloudError.
    """
    if action == "destroy" and environment.protected:
        raise NotReadyError(
            f"{environment.name} is protected ({file_of(environment.name)}) and cannot be destroyed; "
            "its resources that hold data also have prevent_destroy"
        )
    _check_state(_session(), Names.of(environment, SHARED).state_bucket, environment.name)
    if action == "destroy":
        return
    if problem := ownership_conflict(environment):
        raise NotReadyError(problem)
    role = PLAN if action == "plan" else DEPLOY
    try:
        target = Target.of(environment, SHARED)
        problems = [*adoption.problems(target, role), *database_handover.problems(target, role)]
    except (AccountError, LoginError) as error:
        raise NotReadyError(str(error)) from None
    if problems:
        if action != "plan":
            raise NotReadyError("\n".join(problems))
        for each in problems:
            print(f"note: a deploy stops: {each}", file=sys.stderr)


def check_bootstrap(action: str) -> boto3.Session:
    """Raise NotReadyError unless the bootstrap stack can run; return the account's session. Raises CloudError.

    A plan needs its state bucket; before a deploy ``prepare_bootstrap`` creates it.
    """
    if action == "destroy":
        raise NotReadyError(
            f"{BOOTSTRAP} holds every environment's state and cannot be destroyed; its buckets also have "
            "prevent_destroy (docs/bootstrap.md)"
        )
    session = _session()
    if action == "plan":
        _check_state(session, bootstrap_state_bucket(SHARED), BOOTSTRAP)
    return session


def prepare_bootstrap(session: boto3.Session) -> None:
    """Create the bucket of the bootstrap stack's own state if it is missing. Raises NotReadyError.

    session: what ``check_bootstrap`` returned.
    """
    try:
        state_bucket.ensure(session, SHARED)
    except (BotoCoreError, ClientError) as error:
        bucket = bootstrap_state_bucket(SHARED)
        raise NotReadyError(f"the bucket {bucket} for the state of {BOOTSTRAP} cannot be created: {error}") from None


def check_approval(action: str, stacks: list[str], *, auto_approve: bool) -> None:
    """Raise NotReadyError if cdktf would ask for approval without a terminal to answer on.

    cdktf 0.21 asks anyway, ends with a stack trace, and leaves the state locked.
    """
    if not auto_approve and not (sys.stdin.isatty() and sys.stdout.isatty()):
        named = " ".join(stacks)
        raise NotReadyError(
            f"{action} {named}: it asks for approval, but there is no terminal to answer on; allowed: a "
            f"terminal, or approval in advance: --auto-approve (make {_target(action, stacks)} APPROVE=yes)"
        )


def _target(action: str, stacks: list[str]) -> str:
    return BOOTSTRAP if stacks == [BOOTSTRAP] else f"{action} ENV={stacks[-1]}"


def heal(purpose: Purpose, environment: Environment) -> None:
    """Repair, or for a plan report, what no Terraform plan shows (``out_of_band_changes``).

    Raises NotReadyError or CloudError.
    """
    try:
        out_of_band_changes.heal(purpose, Target.of(environment, SHARED))
    except (out_of_band_changes.OutOfBandChangeError, AccountError) as error:
        raise NotReadyError(str(error)) from None


def _session() -> boto3.Session:
    local = local_endpoint() is not None
    try:
        session = open_session(SHARED)
        caller(session, SHARED, local=local)
    except AccountError as error:
        raise NotReadyError(str(error)) from None
    return session


def _check_state(session: boto3.Session, bucket: str, stack: str) -> None:
    try:
        session.client("s3", config=CALLS).head_bucket(Bucket=bucket, ExpectedBucketOwner=SHARED.account)
    except (BotoCoreError, ClientError) as error:
        code = error.response["ResponseMetadata"]["HTTPStatusCode"] if isinstance(error, ClientError) else None
        remedy = (
            "make bootstrap creates it (docs/bootstrap.md)"
            if code == HTTPStatus.NOT_FOUND
            else "these credentials need permission to use it"
        )
        raise NotReadyError(f"the state bucket {bucket} of {stack} cannot be reached ({error}); {remedy}") from None
