"""Releases the state lock of a dead run."""

from delivery.account.target import Target
from delivery.recovery.error import RecoveryError
from delivery.recovery.lock_holders import LockedState
from delivery.recovery.state_lock import StateLock
from delivery.terraform.stack_json import stacks_folder
from modules.model.cloud_selection import local_endpoint
from modules.model.names import state_key


def read_lock(target: Target) -> StateLock | None:
    """Return the lock of the environment's state; None if nobody holds it. Raises RecoveryError."""
    return StateLock.read(target.s3, bucket=target.names.state_bucket, key=state_key(target.environment.name))


def release_lock(target: Target, given: str | None) -> None:
    """Release the lock of the environment's state, if there is one, and print that.

    given: the id of a lock whose holder the caller knows to be dead. Raises RecoveryError if its holder may be alive.
    """
    name = target.environment.name
    lock = read_lock(target)
    if lock is None:
        print("lock    nobody has locked the state", flush=True)
        return
    place = {"bucket": target.names.state_bucket, "key": state_key(name)}
    state = LockedState(**place, endpoint=local_endpoint(), folder=stacks_folder() / name)
    refusal = lock.refusal(state, given=given)
    if refusal:
        raise RecoveryError(f"the state of {name} is locked ({lock}): {refusal}")
    lock.lift(target.s3, **place)
    print(f"lock    released: {lock}", flush=True)
