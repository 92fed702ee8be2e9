"""The AWS session and its account: nothing is read or changed with another account's credentials."""

import re
from functools import cache

import boto3
import botocore.session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.loaders import Loader, create_loader

from environments.schema.settings import Shared

# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-arns
_ASSUMED_ROLE = re.compile(r"arn:aws:sts::\d+:assumed-role/(?P<role>[^/]+)/.+")
CALLS = Config(connect_timeout=5, read_timeout=10, retries={"total_max_attempts": 2, "mode": "standard"})


class AccountError(Exception):
    """There are no credentials for the account; the message says which ones were found and what to do."""


def open_session(shared: Shared) -> boto3.Session:
    """Return a session from the process's AWS configuration. Raises AccountError; makes no call yet."""
    try:
        core = botocore.session.get_session()
        core.register_component("data_loader", _descriptions(core.get_config_variable("data_path")))
        return boto3.Session(botocore_session=core, region_name=shared.region)
    except (BotoCoreError, ValueError) as error:
        raise AccountError(f"AWS credentials: {error}; allowed: an existing AWS_PROFILE, or keys") from error


@cache
def _descriptions(path: str | None) -> Loader:
    """The loader of the service descriptions, shared by all sessions of a command: they are megabytes of JSON."""
    return create_loader(path)


def caller(session: boto3.Session, shared: Shared, *, local: bool) -> str:
    """Return the caller's ARN. Raises AccountError without valid credentials, or for those of another account.

    local: the call goes to the local cloud.
    """
    try:
        identity = session.client("sts", config=CALLS).get_caller_identity()
    # ValueError: an endpoint, retry count or other variable of the AWS clients is invalid.
    except (BotoCoreError, ClientError, ValueError) as error:
        hint = (
            'is the local cloud up? make local-up && eval "$(make -s local-env)"'
            if local
            else f"sign in to account {shared.account}, for example with aws sso login, an AWS_PROFILE or keys"
        )
        raise AccountError(f"AWS cannot identify the caller: {error}; {hint}") from error
    if identity["Account"] != shared.account:
        raise AccountError(
            f"the credentials are {identity['Arn']} of account {identity['Account']}; "
            f"allowed: account {shared.account} (environments/shared.py)"
        )
    return identity["Arn"]


def assumed_role(arn: str) -> str | None:
    """Return the name of the IAM role in an STS ARN of an assumed role; None for a user."""
    found = _ASSUMED_ROLE.fullmatch(arn)
    return found["role"] if found else None
