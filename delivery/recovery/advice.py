"""Advice about what an earlier run, or the one that just failed, left behind."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from delivery.account.session import assumed_role
from delivery.recovery.state_lock import StateLock
from modules.model.names import Names, state_key

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


def before(s3: "S3Client", environment: str, names: Names) -> Iterator[str]:
    """Yield lines for a run that is about to start: who holds the state."""
    lock = StateLock.read(s3, bucket=names.state_bucket, key=state_key(environment))
    if lock is not None:
        yield (
            f"the state of {environment} is locked ({lock}); Terraform waits for it briefly. "
            f"If that run is dead: {lock.recovery_command(environment)}"
        )


def of_protected(environment: str, names: Names, caller: str) -> Iterator[str]:
    """Yield lines for a failed run of a protected environment by its deploy role. caller: the ARN that STS returns."""
    if assumed_role(caller) == names.deploy_role:
        yield (
            f"if AWS refused something 'with an explicit deny', an administrator has to deploy it: make deploy "
            f"ENV={environment} with an administrator's credentials (docs/bootstrap.md#what-a-role-may-never-do)"
        )


def after_failure(s3: "S3Client", environment: str, names: Names, stack: Path) -> Iterator[str]:
    """Yield lines for a failed run. stack: the folder of its configuration."""
    if (stack / "errored.tfstate").exists():
        yield f"the state could not be stored; once {names.state_bucket} is writable: make recover ENV={environment}"
        return
    lock = StateLock.read(s3, bucket=names.state_bucket, key=state_key(environment))
    if lock is not None:
        command = lock.recovery_command(environment)
        yield f"the state of {environment} is locked ({lock}); if that run is dead: {command}"
        return
    yield (
        "if an error says that something already exists, an earlier run was killed before it stored its state: "
        f"make recover ENV={environment}"
    )
