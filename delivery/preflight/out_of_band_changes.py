"""What was changed by hand and no Terraform plan can see: found and said before a run, healed by it (docs/drift.md)."""

import sys
from enum import StrEnum

from botocore.exceptions import BotoCoreError, ClientError

from delivery.account.target import Target
from delivery.preflight import database_drift, deleted_secrets


class Purpose(StrEnum):
    """What Terraform is run for. It decides what becomes of a secret that is scheduled for deletion.

    PLAN: it is said. REVIEW: there is no plan, since it would show a new secret, and the deploy would do something
    else. DEPLOY: it is restored.
    """

    PLAN = "plan"
    REVIEW = "review"
    DEPLOY = "deploy"


class OutOfBandChangeError(Exception):
    """What was changed by hand cannot be seen or healed; the message says what, and what to do."""


def heal(purpose: Purpose, target: Target) -> tuple[str, ...]:
    """Say what was changed, and return the arguments by which Terraform's plan or apply heals it.

    Raises OutOfBandChangeError.
    """
    try:
        for path in deleted_secrets.find(target):
            _heal_secret(purpose, target, path)
        replaced = database_drift.replacements(target)
    except (BotoCoreError, ClientError, PermissionError) as error:
        raise OutOfBandChangeError(
            f"what was changed by hand in {target.environment.name} is not healed: {error}"
        ) from None
    for address, reason in replaced.items():
        _say(purpose, target, f"{reason} ({address})")
    return tuple(f"-replace={address}" for address in replaced)


def _heal_secret(purpose: Purpose, target: Target, path: str) -> None:
    if purpose is Purpose.DEPLOY:
        deleted_secrets.restore(target, path)
        _say(purpose, target, f"restored the secret {path}, which was scheduled for deletion")
        return
    found = f"the secret {path} is scheduled for deletion"
    if purpose is Purpose.REVIEW:
        raise OutOfBandChangeError(
            f"{found}, so that a plan would show a new one; run the last deploy again, which restores it, then plan"
        )
    _say(purpose, target, f"{found}; a deploy restores it")


def _say(purpose: Purpose, target: Target, what: str) -> None:
    print(f"{purpose} {target.environment.name}: {what}", file=sys.stderr)
