"""Finds and reports changes by hand that no Terraform plan shows; a deploy also repairs them."""

import sys
from enum import StrEnum

import psycopg
from botocore.exceptions import BotoCoreError, ClientError

from delivery.account.stored_login import LoginError
from delivery.account.target import Target
from delivery.preflight import database_drift, deleted_secrets
from modules.model import acting_role


class Purpose(StrEnum):
    """Why Terraform runs. This decides what happens to a secret that is scheduled for deletion.

    PLAN: it is reported. REVIEW: there is no plan, since it would show a new secret and the deploy would do something
    else. DEPLOY: it is restored, and the database is repaired; the other two only report what they see of both.
    """

    PLAN = "plan"
    REVIEW = "review"
    DEPLOY = "deploy"

    @property
    def acting_role(self) -> str:
        """The one of the environment's two roles that runs Terraform."""
        return acting_role.DEPLOY if self is Purpose.DEPLOY else acting_role.PLAN


class OutOfBandChangeError(Exception):
    """A change by hand cannot be seen or repaired; the message says which, and what to do."""


def heal(purpose: Purpose, target: Target) -> None:
    """Report what was changed, and for a deploy repair it. Raises OutOfBandChangeError."""
    try:
        for path in deleted_secrets.find(target):
            _heal_secret(purpose, target, path)
        if purpose is Purpose.DEPLOY:
            lines = database_drift.repair(target)
        else:
            lines = database_drift.seen(target, purpose.acting_role)
    except (BotoCoreError, ClientError, LoginError, PermissionError, psycopg.Error) as error:
        raise OutOfBandChangeError(
            f"manual changes in {target.environment.name} could not be repaired: {error}"
        ) from None
    for line in lines:
        _say(purpose, target, line)


def _heal_secret(purpose: Purpose, target: Target, path: str) -> None:
    if purpose is Purpose.DEPLOY:
        deleted_secrets.restore(target, path)
        _say(purpose, target, f"restored the secret {path}, which was scheduled for deletion")
        return
    found = f"the secret {path} is scheduled for deletion"
    if purpose is Purpose.REVIEW:
        raise OutOfBandChangeError(
            f"{found}, so a plan would show a new one; run the last deploy again, which restores it, then plan"
        )
    _say(purpose, target, f"{found}; a deploy restores it")


def _say(purpose: Purpose, target: Target, what: str) -> None:
    print(f"{purpose} {target.environment.name}: {what}", file=sys.stderr)
