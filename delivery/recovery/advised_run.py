"""Runs cdktf, with advice about what an earlier run, or this one, left behind."""

import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from delivery.account.session import CALLS, AccountError, open_session
from delivery.recovery import advice
from delivery.recovery.error import RecoveryError
from delivery.terraform import cdktf
from delivery.terraform.stack_json import stacks_folder
from environments.schema.settings import Environment
from modules.model.names import Names
from modules.model.selected_settings import SHARED

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


def run(action: str, environment: Environment, *, auto_approve: bool = False) -> int:
    """Run cdktf for the environment and return its exit code."""
    _advise(lambda s3, names: advice.before(s3, environment.name, names), environment)
    code = cdktf.run(action, environment.name, auto_approve=auto_approve)
    if code not in (0, cdktf.INTERRUPTED):
        advise_after_failure(environment)
    return code


def advise_after_failure(environment: Environment) -> None:
    """Print what to do about a failed deploy, as far as the state bucket answers."""
    folder = stacks_folder() / environment.name
    _advise(lambda s3, names: advice.after_failure(s3, environment.name, names, folder), environment)
    if environment.protected:
        _advise(lambda _, names: advice.of_protected(environment.name, names, _caller()), environment)


def _caller() -> str:
    return open_session(SHARED).client("sts", config=CALLS).get_caller_identity()["Arn"]


def _advise(lines: "Callable[[S3Client, Names], Iterator[str]]", environment: Environment) -> None:
    try:
        s3 = open_session(SHARED).client("s3", config=CALLS)
        for line in lines(s3, Names.of(environment, SHARED)):
            print(f"note: {line}", file=sys.stderr, flush=True)
    except (AccountError, BotoCoreError, ClientError, RecoveryError) as error:
        print(f"note: cannot see whether the state is locked: {error}", file=sys.stderr)
