"""When a state lock may be released: read from a real S3 API and checked against real processes."""

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from moto import mock_aws
from mypy_boto3_s3 import S3Client

from delivery.recovery.error import RecoveryError
from delivery.recovery.lock_holders import LockedState
from delivery.recovery.state_lock import StateLock
from tests.delivery.recovery.terraform_process import HERE, PLACE, terraform_in

# test_lock_holders.py tests this machine's processes; here none holds a lock.
STATE = LockedState(**PLACE, endpoint=None, folder=Path("/nowhere/stacks/demo"))
NEIGHBOUR = f"somebody@{socket.gethostname()}"


def lock(who: str = HERE, id_: str = "a-b-c") -> StateLock:
    return StateLock(id=id_, operation="apply", who=who, created="2026-11-24T10:00:00Z")


@pytest.fixture
def s3() -> Iterator[S3Client]:
    with mock_aws():
        client: S3Client = boto3.client("s3", region_name="us-east-1")
        client.create_bucket(Bucket="states")
        yield client


def store(s3: S3Client, text: str) -> None:
    s3.put_object(Bucket="states", Key="demo/terraform.tfstate.tflock", Body=text)


def test_a_lock_written_by_terraform_is_read(s3: S3Client) -> None:
    assert StateLock.read(s3, **PLACE) is None
    content = {"ID": "a-b-c", "Operation": "OperationTypeApply", "Who": HERE, "Created": "2026-11-24T10:00:00Z"}
    store(s3, json.dumps(content))
    found = StateLock.read(s3, **PLACE)
    assert found == lock()
    assert str(found) == f"apply of {HERE}, since 2026-11-24T10:00:00Z, lock a-b-c"


def test_a_malformed_lock_is_refused(s3: S3Client) -> None:
    store(s3, "[]")
    with pytest.raises(RecoveryError, match=r"is not a Terraform lock; .* aws s3 rm s3://states/demo"):
        StateLock.read(s3, **PLACE)


def test_a_lock_taken_meanwhile_by_somebody_else_is_kept(s3: S3Client) -> None:
    store(s3, json.dumps({"ID": "d-e-f", "Operation": "OperationTypePlan", "Who": "x@y", "Created": "now"}))
    with pytest.raises(RecoveryError, match="changed hands"):
        lock().lift(s3, **PLACE)
    found = StateLock.read(s3, **PLACE)
    assert found is not None
    found.lift(s3, **PLACE)
    assert StateLock.read(s3, **PLACE) is None


def test_the_lock_of_a_dead_local_process_may_be_released() -> None:
    assert lock().refusal(STATE, given=None, variables={}) is None


@pytest.mark.parametrize("who", [HERE, NEIGHBOUR])
@pytest.mark.parametrize("given", [None, "a-b-c"])
def test_the_lock_of_a_live_process_is_kept(tmp_path: Path, given: str | None, who: str) -> None:
    with terraform_in(tmp_path / "demo") as pid:
        refusal = lock(who).refusal(STATE, given=given, variables={})
    assert refusal == (
        f"it is in use: Terraform runs here as process {pid} in {tmp_path / 'demo'}; "
        "wait for it, or stop it with Ctrl-C"
    )


@pytest.mark.parametrize(
    ("who", "variables"), [("somebody@elsewhere", {}), (NEIGHBOUR, {}), (HERE, {"CI": "true"}), ("", {})]
)
def test_a_lock_of_another_machine_or_user_needs_its_id(who: str, variables: dict[str, str]) -> None:
    held = lock(who)
    assert str(held.refusal(STATE, given=None, variables=variables)) == (
        f"{HERE} cannot see whether that run is still alive; "
        "when you know that it is dead: make recover ENV=demo LOCK=a-b-c"
    )
    assert "--lock-id 'd-e-f' is not this lock's; allowed: a-b-c" in str(
        held.refusal(STATE, given="d-e-f", variables=variables)
    )
    assert held.refusal(STATE, given="a-b-c", variables=variables) is None
    assert held.recovery_command("demo", variables) == "make recover ENV=demo LOCK=a-b-c"


def test_a_lock_of_this_machine_and_user_needs_no_id() -> None:
    assert lock().recovery_command("demo", {}) == "make recover ENV=demo"
