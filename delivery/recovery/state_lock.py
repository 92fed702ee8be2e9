"""The lock that Terraform's S3 backend keeps beside the state, and whether its holder is still alive.

Source: https://developer.hashicorp.com/terraform/language/backend/s3#state-locking
"""

import json
import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import psutil

from delivery.recovery.error import RecoveryError
from delivery.recovery.lock_holders import LockedState, LockHolders

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


@dataclass(frozen=True, kw_only=True)
class StateLock:
    """A lock as Terraform wrote it. who: user@host. created: in RFC 3339."""

    id: str
    operation: str
    who: str
    created: str

    @classmethod
    def read(cls, s3: "S3Client", *, bucket: str, key: str) -> "StateLock | None":
        """Return the lock of the state at this key; None if nobody holds one. Raises RecoveryError."""
        place = f"{key}.tflock"
        try:
            text = s3.get_object(Bucket=bucket, Key=place)["Body"].read()
        except s3.exceptions.NoSuchKey:
            return None
        try:
            content = json.loads(text)
            return cls(
                id=content["ID"],
                operation=content["Operation"].removeprefix("OperationType").lower(),
                who=content["Who"],
                created=content["Created"],
            )
        except (ValueError, KeyError, TypeError, AttributeError):
            raise RecoveryError(
                f"s3://{bucket}/{place} is not a Terraform lock; find out who wrote it, then remove it: "
                f"aws s3 rm s3://{bucket}/{place}"
            ) from None

    def __str__(self) -> str:
        return f"{self.operation} of {self.who}, since {self.created}, lock {self.id}"

    def refusal(
        self, state: LockedState, *, given: str | None, variables: Mapping[str, str] = os.environ
    ) -> str | None:
        """Why the lock may not be released; None if its holder is known to be dead, or if ``given`` is its id."""
        hidden = True
        if self._is_from_here(variables):
            holders = LockHolders.of(state)
            # A system may hide other users' processes entirely (proc's mount option hidepid).
            hidden = holders.hidden or self.who != _us()
            if holders.seen:
                return (
                    f"it is in use: Terraform runs here as {', '.join(holders.seen)}; "
                    "wait for it, or stop it with Ctrl-C"
                )
        if given is not None:
            return None if given == self.id else f"--lock-id {given!r} is not this lock's; allowed: {self.id}"
        if hidden:
            return (
                f"{_us()} cannot see whether that run is still alive; "
                f"when you know that it is dead: make recover ENV={state.environment} LOCK={self.id}"
            )
        return None

    def recovery_command(self, environment: str, variables: Mapping[str, str] = os.environ) -> str:
        """The command to run once its holder is dead, with the lock's id if only a person can know that."""
        known_by_id = "" if self._is_from_here(variables) and self.who == _us() else f" LOCK={self.id}"
        return f"make recover ENV={environment}{known_by_id}"

    def lift(self, s3: "S3Client", *, bucket: str, key: str) -> None:
        """Remove the lock. Raises RecoveryError if it has a new holder by now."""
        now = StateLock.read(s3, bucket=bucket, key=key)
        if now is not None and now != self:
            raise RecoveryError(f"the lock has changed hands meanwhile: {now}")
        s3.delete_object(Bucket=bucket, Key=f"{key}.tflock")

    def _is_from_here(self, variables: Mapping[str, str]) -> bool:
        # Many runners of a CI system share one host name.
        return self.who.rpartition("@")[2] == socket.gethostname() and not variables.get("CI")


def _us() -> str:
    """What Terraform would write as the holder in a lock of this process."""
    return f"{psutil.Process().username()}@{socket.gethostname()}"
