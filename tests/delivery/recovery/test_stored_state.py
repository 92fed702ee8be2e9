"""The resources that a stored state has, and those it would replace."""

import json
from collections.abc import Iterator

import boto3
import pytest
from moto import mock_aws
from mypy_boto3_s3 import S3Client

from delivery.recovery.error import RecoveryError
from delivery.recovery.stored_state import StoredState

PLACE = {"bucket": "states", "key": "demo/terraform.tfstate"}


@pytest.fixture
def s3() -> Iterator[S3Client]:
    with mock_aws():
        client: S3Client = boto3.client("s3", region_name="us-east-1")
        client.create_bucket(Bucket="states")
        yield client


def row(name: str, *instances: dict[str, str], mode: str = "managed") -> dict[str, object]:
    attributes = {"attributes": {"id": f"{name}-1"}}
    return {
        "mode": mode,
        "type": "aws_s3_bucket",
        "name": name,
        "instances": [{**attributes, **it} for it in instances],
    }


def test_a_missing_state_reads_as_an_empty_one(s3: S3Client) -> None:
    assert StoredState.read(s3, **PLACE) == StoredState()


def test_only_a_resource_with_a_current_object_exists(s3: S3Client) -> None:
    resources = [
        row("whole", {}),
        row("half", {"status": "tainted"}),
        row("replaced", {"deposed": "1"}),
        row("gone"),
        row("read", {}, mode="data"),
    ]
    s3.put_object(Bucket="states", Key=PLACE["key"], Body=json.dumps({"version": 4, "resources": resources}))
    assert StoredState.read(s3, **PLACE) == StoredState(
        ids={"aws_s3_bucket.whole": "whole-1", "aws_s3_bucket.half": "half-1"},
        tainted=frozenset({"aws_s3_bucket.half"}),
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [("", "is not a Terraform state"), ("{}", "is not a Terraform state"), ('{"version": 5}', "format 5; allowed: 4")],
)
def test_a_malformed_state_is_refused(s3: S3Client, text: str, said: str) -> None:
    s3.put_object(Bucket="states", Key=PLACE["key"], Body=text)
    with pytest.raises(RecoveryError, match=said):
        StoredState.read(s3, **PLACE)
