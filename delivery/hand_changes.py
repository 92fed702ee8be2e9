"""What was changed by hand and no Terraform plan can see: found and said before a run, healed by it (docs/drift.md)."""

import sys

from botocore.exceptions import BotoCoreError, ClientError

from delivery import database_drift, deleted_secrets
from delivery.verification.target import Target


class HandChangeError(Exception):
    """What was changed by hand cannot be seen or healed; the message says what, and what to do."""


def heal(action: str, target: Target) -> tuple[str, ...]:
    """Say what was changed, and return the arguments by which Terraform's plan or apply heals it.

    A deploy restores the environment's secrets that are scheduled for deletion. Raises HandChangeError.
    """
    name = f"{action} {target.environment.name}"
    try:
        for path in deleted_secrets.find(target):
            if action == "plan":
                print(f"{name}: the secret {path} is scheduled for deletion; a deploy restores it", file=sys.stderr)
                continue
            deleted_secrets.restore(target, path)
            print(f"{name}: restored the secret {path}, which was scheduled for deletion", file=sys.stderr)
        replaced = database_drift.replacements(target)
    except (BotoCoreError, ClientError, PermissionError) as error:
        raise HandChangeError(f"what was changed by hand in {target.environment.name} is not healed: {error}") from None
    for address, reason in replaced.items():
        print(f"{name}: {reason} ({address})", file=sys.stderr)
    return tuple(f"-replace={address}" for address in replaced)
