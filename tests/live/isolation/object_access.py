"""Every way to read and to change an object of a bucket, and which of them are not refused."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from tests.live.isolation.tenant import Tenant, outcome

PROBE = "isolation/probe"
# A real account's buckets may hold millions, and each object is tried in every way.
MOST_OBJECTS = 200
S3 = Any
Object = Mapping[str, str]
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


def objects(own: Tenant, bucket: str) -> list[Object]:
    """Return each version of each object of a bucket, as its administrator sees them."""
    pages = own.project.client("s3").get_paginator("list_object_versions")
    found = pages.paginate(Bucket=bucket, PaginationConfig={"MaxItems": MOST_OBJECTS})
    return [
        {"Bucket": bucket, "Key": version["Key"], "VersionId": version["VersionId"]}
        for page in found
        for version in page.get("Versions", [])
    ]


def reached(s3: S3, calls: Mapping[str, Callable[[S3, Object], object]], items: Iterable[Object]) -> Iterator[str]:
    """Yield each call on each object that was not refused."""
    for item in items:
        for name, call in calls.items():
            answer = outcome(call, s3, item)
            if answer != "refused":
                yield f"{name} {item['Bucket']}/{item['Key']}?{item['VersionId']}: {answer}"


def forget(own: Tenant, bucket: str) -> None:
    """Delete every version of the probe, which pods may not."""
    s3 = own.project.client("s3")
    versions = s3.list_object_versions(Bucket=bucket, Prefix=PROBE)
    for item in [*versions.get("Versions", []), *versions.get("DeleteMarkers", [])]:
        s3.delete_object(Bucket=bucket, Key=item["Key"], VersionId=item["VersionId"])
