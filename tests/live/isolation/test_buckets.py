"""Objects: an environment's pods reach its own two buckets, and nothing in any other bucket of the account."""

from collections.abc import Callable, Mapping

import pytest

from tests.live.isolation.object_access import CHANGING, PROBE, READING, S3, forget, objects, reached
from tests.live.isolation.tenant import Tenant, listed, outcome

pytestmark = pytest.mark.promise("Isolation")
OF_A_BUCKET: Mapping[str, Callable[[S3, str], object]] = {
    "list objects": lambda s3, bucket: s3.list_objects_v2(Bucket=bucket),
    "list versions": lambda s3, bucket: s3.list_object_versions(Bucket=bucket),
    "list uploads": lambda s3, bucket: s3.list_multipart_uploads(Bucket=bucket),
    "read location": lambda s3, bucket: s3.get_bucket_location(Bucket=bucket),
    "read policy": lambda s3, bucket: s3.get_bucket_policy(Bucket=bucket),
    "read encryption": lambda s3, bucket: s3.get_bucket_encryption(Bucket=bucket),
    "read versioning": lambda s3, bucket: s3.get_bucket_versioning(Bucket=bucket),
}


def buckets_of_others(own: Tenant) -> list[str]:
    """Return every other bucket of the account, including the state buckets."""
    buckets = [bucket["Name"] for bucket in own.project.client("s3").list_buckets()["Buckets"]]
    assert set(own.buckets) < set(buckets)
    return [bucket for bucket in buckets if bucket not in own.buckets]


def test_core_api_reads_and_writes_its_own_buckets(own: Tenant) -> None:
    s3 = own.client("s3")
    for bucket in own.buckets:
        item = {"Bucket": bucket, "Key": PROBE}
        try:
            s3.put_object(**item, Body=b"content")
            assert s3.get_object(**item)["Body"].read() == b"content"
            assert PROBE in [found["Key"] for found in s3.list_objects_v2(Bucket=bucket, Prefix=PROBE)["Contents"]]
            upload = s3.create_multipart_upload(**item)["UploadId"]
            s3.abort_multipart_upload(**item, UploadId=upload)
            s3.delete_object(**item)
            assert "Contents" not in s3.list_objects_v2(Bucket=bucket, Prefix=PROBE)
        finally:
            forget(own, bucket)


@pytest.mark.read_only
def test_core_api_cannot_list_or_describe_any_other_bucket_of_the_account(own: Tenant) -> None:
    s3 = own.client("s3")
    answers = {
        f"{name} of {bucket}": outcome(call, s3, bucket)
        for bucket in buckets_of_others(own)
        for name, call in OF_A_BUCKET.items()
    }
    answers["list the account's buckets"] = outcome(s3.list_buckets)
    allowed = [f"{what}: {answer}" for what, answer in answers.items() if answer != "refused"]
    assert not allowed, f"{own.names.core_api_role} may do what it must not:\n{listed(allowed)}"


@pytest.mark.read_only
def test_core_api_cannot_read_the_other_environments_objects(own: Tenant, other: Tenant) -> None:
    theirs = [item for bucket in (*other.buckets, other.names.state_bucket) for item in objects(own, bucket)]
    assert theirs, f"{other.settings.name} holds nothing to be denied"
    read = list(reached(own.client("s3"), READING, theirs))
    assert not read, f"{own.names.core_api_role} reads what it must not:\n{listed(read)}"


@pytest.mark.read_only
def test_core_api_cannot_read_any_terraform_state(own: Tenant, tenants: dict[str, Tenant]) -> None:
    for state in [tenant.names.state_bucket for tenant in tenants.values()]:
        versions = objects(own, state)
        assert versions, f"{state} holds nothing to be denied"
        read = list(reached(own.client("s3"), READING, versions))
        assert not read, f"{own.names.core_api_role} reads what it must not:\n{listed(read)}"


def test_core_api_cannot_change_the_other_environments_objects(own: Tenant, other: Tenant) -> None:
    buckets = (*other.buckets, other.names.state_bucket)
    before = {bucket: objects(own, bucket) for bucket in buckets}
    theirs = [item for items in before.values() for item in items]
    assert theirs, f"{other.settings.name} holds nothing that could be changed"
    changed = list(reached(own.client("s3"), CHANGING, theirs))
    assert not changed, f"{own.names.core_api_role} changes what it must not:\n{listed(changed)}"
    assert {bucket: objects(own, bucket) for bucket in buckets} == before


def test_core_api_cannot_put_objects_into_the_other_environment_or_copy_them_out(own: Tenant, other: Tenant) -> None:
    s3 = own.client("s3")
    answers = {}
    for bucket in (*other.buckets, other.names.state_bucket):
        answers[f"put into {bucket}"] = outcome(s3.put_object, Bucket=bucket, Key=PROBE, Body=b"")
        for item in objects(own, bucket):
            answers[f"copy {bucket}/{item['Key']}"] = outcome(
                s3.copy_object, Bucket=own.names.media_bucket, Key=PROBE, CopySource=item
            )
    for bucket in (*own.buckets, *other.buckets, other.names.state_bucket):
        forget(own, bucket)
    allowed = [f"{what}: {answer}" for what, answer in answers.items() if answer != "refused"]
    assert not allowed, f"{own.names.core_api_role} does what it must not:\n{listed(allowed)}"
