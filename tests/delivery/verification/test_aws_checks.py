"""Manually changed secrets and buckets that the verification, and a deploy before it, find in an account."""

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto.moto_api._internal.models import moto_api_backend
from moto.server import ThreadedMotoServer

from delivery.account.error import CheckError
from delivery.account.target import Target
from delivery.preflight import deleted_secrets
from delivery.verification import buckets, secrets
from modules.model.selected_settings import SETTINGS, SHARED
from tests.delivery.command_line import KEYS

STAGING = SETTINGS.find("staging")


@pytest.fixture(scope="module")
def target() -> Iterator[Target]:
    """Staging in an account with its two buckets and two secrets."""
    # moto keeps objects that another module of this process created.
    moto_api_backend.reset()
    with pytest.MonkeyPatch.context() as patch:
        server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        server.start()
        host, port = server.get_host_and_port()
        for name, value in {**KEYS, "AWS_ENDPOINT_URL": f"http://{host}:{port}"}.items():
            patch.setenv(name, value)
        target = Target.of(STAGING, SHARED, {})
        assert isinstance(target.session, boto3.Session)
        for bucket in (target.names.media_bucket, target.names.backups_bucket):
            target.s3.create_bucket(Bucket=bucket)
            target.s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
        allow(target, target.names.media_bucket, *[f"https://{host}" for host in STAGING.hosts])
        for path in target.names.secret_paths:
            target.secrets_manager.create_secret(Name=path, SecretString="{}")
        yield target
        server.stop()


def allow(target: Target, bucket: str, *origins: str) -> None:
    target.s3.put_bucket_cors(
        Bucket=bucket, CORSConfiguration={"CORSRules": [{"AllowedOrigins": list(origins), "AllowedMethods": ["GET"]}]}
    )


def outcome(target: Target, name: str) -> str:
    """Return the named check's result, right or wrong."""
    (check,) = (check for family in (buckets, secrets) for check in family.checks(target) if check.name == name)
    try:
        return f"right: {check.run()}"
    except CheckError as error:
        return str(error)


def test_only_the_media_bucket_allows_browsers_from_the_environments_hosts(target: Target) -> None:
    media, backups = target.names.media_bucket, target.names.backups_bucket
    own = [f"https://{host}" for host in STAGING.hosts]
    assert outcome(target, f"bucket {media} origins") == f"right: from browsers: {', '.join(sorted(own))}"
    assert outcome(target, f"bucket {backups} origins") == "right: from browsers: none"
    allow(target, backups, own[0])
    assert outcome(target, f"bucket {backups} origins") == f"{own[0]} is allowed"
    allow(target, media, own[0], "https://example.com")
    assert outcome(target, f"bucket {media} origins") == f"https://example.com is allowed, {own[1]} is not allowed"


def test_replication_to_another_bucket_is_reported(target: Target) -> None:
    bucket = target.names.media_bucket
    assert outcome(target, f"bucket {bucket} copies") == "right: objects are not copied"
    target.s3.create_bucket(Bucket="elsewhere")
    target.s3.put_bucket_versioning(Bucket="elsewhere", VersioningConfiguration={"Status": "Enabled"})
    configuration: Any = {
        "Role": "arn:aws:iam::123456789012:role/copy",
        "Rules": [
            {
                "Status": "Enabled",
                "Priority": 1,
                "Filter": {},
                "Destination": {"Bucket": "arn:aws:s3:::elsewhere"},
                "DeleteMarkerReplication": {"Status": "Disabled"},
            }
        ],
    }
    target.s3.put_bucket_replication(Bucket=bucket, ReplicationConfiguration=configuration)
    assert outcome(target, f"bucket {bucket} copies") == "objects are copied to arn:aws:s3:::elsewhere"


def test_a_secrets_own_policy_is_reported(target: Target) -> None:
    path = target.names.database_credentials
    assert outcome(target, f"secret {path}") == "right: there, without a policy or a copy of its own"
    policy = json.dumps({"Version": "2012-10-17", "Statement": []})
    target.secrets_manager.put_resource_policy(SecretId=path, ResourcePolicy=policy)
    assert outcome(target, f"secret {path}") == f"it has a policy: {policy}"
    target.secrets_manager.delete_resource_policy(SecretId=path)
    assert outcome(target, f"secret {path}").startswith("right: ")


def test_a_secret_scheduled_for_deletion_is_reported_and_restored(target: Target) -> None:
    path = target.names.session_key
    assert list(deleted_secrets.find(target)) == []
    target.secrets_manager.delete_secret(SecretId=path)
    assert outcome(target, f"secret {path}") == "it is scheduled for deletion; make deploy ENV=staging restores it"
    assert list(deleted_secrets.find(target)) == [path]
    deleted_secrets.restore(target, path)
    assert list(deleted_secrets.find(target)) == []
    assert outcome(target, f"secret {path}").startswith("right: ")


def test_a_secret_that_cannot_be_restored_is_an_error_with_the_command(target: Target) -> None:
    with pytest.raises(PermissionError, match=r"aws secretsmanager restore-secret --secret-id mosaic/nowhere$"):
        deleted_secrets.restore(target, "mosaic/nowhere")


def test_a_missing_secret_is_reported(target: Target) -> None:
    path = target.names.session_key
    target.secrets_manager.delete_secret(SecretId=path, ForceDeleteWithoutRecovery=True)
    assert outcome(target, f"secret {path}") == "there is none"
    assert list(deleted_secrets.find(target)) == []
