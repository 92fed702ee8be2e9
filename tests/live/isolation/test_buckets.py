"""Objects: an environment's pods reach those of its own two buckets, and none of any other bucket of the account."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import pytest

from tests.live.isolation.side import Side, listed, outcome

pytestmark = pytest.mark.promise("Isolation")
PROBE = "isolation/probe"
# A real account's buckets may hold millions, and each is asked for in every way.
MOST_OBJECTS = 200
S3 = Any
Object = Mapping[str, str]
OF_A_BUCKET: Mapping[str, Callable[[S3, str], object]] = {
    "list objects": lambda s3, bucket: s3.list_objects_v2(Bucket=bucket),
    "list versions": lambda s3, bucket: s3.list_object_versions(Bucket=bucket),
    "list uploads": lambda s3, bucket: s3.list_multipart_uploads(Bucket=bucket),
    "read location": lambda s3, bucket: s3.get_bucket_location(Bucket=bucket),
    "read policy": lambda s3, bucket: s3.get_bucket_policy(Bucket=bucket),
    "read encryption": lambda s3, bucket: s3.get_bucket_encryption(Bucket=bucket),
    "read versioning": lambda s3, bucket: s3.get_bucket_versioning(Bucket=bucket),
}
READING: Mapping[str, Callable[[S3, Object], object]] = {
    "get": lambda s3, item: s3.get_object(Bucket=item["Bucket"], Key=item["Key"]),
    "head": lambda s3, item: s3.head_object(Bucket=item["Bucket"], Key=item["Key"]),
    "get version": lambda s3, item: s3.get_object(**item),
    "head version": lambda s3, item: s3.head_object(**item),
    "read tags": lambda s3, item: s3.get_object_tagging(**item),
    "read ACL": lambda s3, item: s3.get_object_acl(**item),
}
CHANGING: Mapping[str, Callable[[S3, Object], object]] = {
    "overwrite": lambda s3, item: s3.put_object(Bucket=item["Bucket"], Key=item["Key"], Body=b"overwritten"),
    "begin an upload": lambda s3, item: s3.create_multipart_upload(Bucket=item["Bucket"], Key=item["Key"]),
    "copy onto itself": lambda s3, item: s3.copy_object(
        Bucket=item["Bucket"], Key=item["Key"], CopySource={"Bucket": item["Bucket"], "Key": item["Key"]}
    ),
    "delete": lambda s3, item: s3.delete_object(Bucket=item["Bucket"], Key=item["Key"]),
    "delete version": lambda s3, item: s3.delete_object(**item),
    "delete in a list": lambda s3, item: s3.delete_objects(
        Bucket=item["Bucket"], Delete={"Objects": [{"Key": item["Key"]}]}
    ),
    "tag": lambda s3, item: s3.put_object_tagging(**item, Tagging={"TagSet": [{"Key": "reached", "Value": "yes"}]}),
}


def buckets_of_others(own: Side) -> list[str]:
    """Every other bucket of the account, the state buckets among them."""
    buckets = [bucket["Name"] for bucket in own.project.client("s3").list_buckets()["Buckets"]]
    assert set(own.buckets) < set(buckets)
    return [bucket for bucket in buckets if bucket not in own.buckets]


def objects(own: Side, bucket: str) -> list[Object]:
    """Each version of each object of a bucket, as its administrator sees them."""
    pages = own.project.client("s3").get_paginator("list_object_versions")
    found = pages.paginate(Bucket=bucket, PaginationConfig={"MaxItems": MOST_OBJECTS})
    return [
        {"Bucket": bucket, "Key": version["Key"], "VersionId": version["VersionId"]}
        for page in found
        for version in page.get("Versions", [])
    ]


def reached(s3: S3, calls: Mapping[str, Callable[[S3, Object], object]], items: Iterable[Object]) -> Iterator[str]:
    """What was not refused: each call on each object."""
    for item in items:
        for name, call in calls.items():
            answer = outcome(call, s3, item)
            if answer != "refused":
                yield f"{name} {item['Bucket']}/{item['Key']}?{item['VersionId']}: {answer}"


def test_own_buckets_are_read_and_written(own: Side) -> None:
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


def forget(own: Side, bucket: str) -> None:
    """Take every version of the probe away, which pods may not."""
    s3 = own.project.client("s3")
    versions = s3.list_object_versions(Bucket=bucket, Prefix=PROBE)
    for item in [*versions.get("Versions", []), *versions.get("DeleteMarkers", [])]:
        s3.delete_object(Bucket=bucket, Key=item["Key"], VersionId=item["VersionId"])


@pytest.mark.read_only
def test_no_other_bucket_of_the_account_is_listed_or_described(own: Side) -> None:
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
def test_no_object_of_the_other_environment_is_read(own: Side, other: Side) -> None:
    holdings = [item for bucket in (*other.buckets, other.names.state_bucket) for item in objects(own, bucket)]
    assert holdings, f"{other.settings.name} holds nothing to be denied"
    read = list(reached(own.client("s3"), READING, holdings))
    assert not read, f"{own.names.core_api_role} reads what it must not:\n{listed(read)}"


@pytest.mark.read_only
def test_no_terraform_state_is_read_by_pods(own: Side, sides: dict[str, Side]) -> None:
    for state in [side.names.state_bucket for side in sides.values()]:
        holdings = objects(own, state)
        assert holdings, f"{state} holds nothing to be denied"
        read = list(reached(own.client("s3"), READING, holdings))
        assert not read, f"{own.names.core_api_role} reads what it must not:\n{listed(read)}"


def test_no_object_of_the_other_environment_is_changed(own: Side, other: Side) -> None:
    buckets = (*other.buckets, other.names.state_bucket)
    before = {bucket: objects(own, bucket) for bucket in buckets}
    holdings = [item for items in before.values() for item in items]
    changed = list(reached(own.client("s3"), CHANGING, holdings))
    assert not changed, f"{own.names.core_api_role} changes what it must not:\n{listed(changed)}"
    assert {bucket: objects(own, bucket) for bucket in buckets} == before


def test_no_object_is_put_into_the_other_environment_or_copied_out_of_it(own: Side, other: Side) -> None:
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
