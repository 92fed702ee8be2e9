"""The bucket for the bootstrap stack's own state: private from the start, and created once."""

import boto3
import pytest
from botocore.exceptions import ClientError
from mypy_boto3_s3 import S3Client

from delivery.preflight import state_bucket
from modules.model.names import bootstrap_state_bucket
from modules.model.selected_settings import SHARED

BUCKET = bootstrap_state_bucket(SHARED)
KEY = "bootstrap/terraform.tfstate"


@pytest.fixture
def session(empty_account: str, monkeypatch: pytest.MonkeyPatch) -> boto3.Session:
    monkeypatch.setenv("AWS_ENDPOINT_URL", empty_account)
    return boto3.Session(aws_access_key_id="AKIAEXAMPLE", aws_secret_access_key="made-up", region_name=SHARED.region)


@pytest.fixture
def s3(session: boto3.Session) -> S3Client:
    client: S3Client = session.client("s3")
    return client


def assert_private(s3: S3Client) -> None:
    block = s3.get_public_access_block(Bucket=BUCKET)["PublicAccessBlockConfiguration"]
    four = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")
    assert block == dict.fromkeys(four, True)
    assert s3.get_bucket_versioning(Bucket=BUCKET)["Status"] == "Enabled"


def test_the_bucket_is_created_private_and_versioned(session: boto3.Session, s3: S3Client) -> None:
    assert state_bucket.ensure(session, SHARED) is False
    assert [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]] == [BUCKET]
    assert_private(s3)


def test_a_bucket_left_open_by_an_interrupted_run_is_made_private(session: boto3.Session, s3: S3Client) -> None:
    s3.create_bucket(Bucket=BUCKET)
    assert state_bucket.ensure(session, SHARED) is False
    assert_private(s3)
    assert state_bucket.ensure(session, SHARED) is False


def test_a_bucket_with_a_state_is_left_to_terraform(session: boto3.Session, s3: S3Client) -> None:
    s3.create_bucket(Bucket=BUCKET)
    s3.put_object(Bucket=BUCKET, Key=KEY, Body=b"{}")
    assert state_bucket.ensure(session, SHARED) is True
    assert "Status" not in s3.get_bucket_versioning(Bucket=BUCKET)
    with pytest.raises(ClientError, match="NoSuchPublicAccessBlockConfiguration"):
        s3.get_public_access_block(Bucket=BUCKET)
    assert s3.get_object(Bucket=BUCKET, Key=KEY)["Body"].read() == b"{}"


def test_the_bucket_is_created_in_the_accounts_region(session: boto3.Session, s3: S3Client) -> None:
    there = SHARED.model_copy(update={"region": "eu-west-1"})
    state_bucket.ensure(session, there)
    assert s3.get_bucket_location(Bucket=BUCKET)["LocationConstraint"] == "eu-west-1"
