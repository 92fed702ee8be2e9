"""Emptying a bucket deletes versions, delete markers and unfinished uploads."""

from typing import TYPE_CHECKING

import boto3
import pytest

from delivery.preview.bucket_emptying import empty_bucket
from delivery.preview.error import PreviewError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

BUCKET = "mosaic-preview-1-media"


@pytest.fixture
def s3(session: boto3.Session) -> "S3Client":
    client = session.client("s3")
    client.create_bucket(Bucket=BUCKET)
    client.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    return client


def test_nothing_is_left(s3: "S3Client") -> None:
    for key in ("kept", "kept", "deleted"):
        s3.put_object(Bucket=BUCKET, Key=key, Body=b"old")
    s3.delete_object(Bucket=BUCKET, Key="deleted")
    s3.create_multipart_upload(Bucket=BUCKET, Key="unfinished")
    assert empty_bucket(s3, BUCKET) == 5
    left = s3.list_object_versions(Bucket=BUCKET)
    assert "Versions" not in left
    assert "DeleteMarkers" not in left
    assert "Uploads" not in s3.list_multipart_uploads(Bucket=BUCKET)
    assert empty_bucket(s3, BUCKET) == 0


def test_more_than_one_page_is_deleted(s3: "S3Client", monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("delivery.preview.bucket_emptying._MOST_AT_ONCE", 2)
    for number in range(5):
        s3.put_object(Bucket=BUCKET, Key=str(number % 2), Body=b"")
    assert empty_bucket(s3, BUCKET) == 5
    assert "Versions" not in s3.list_object_versions(Bucket=BUCKET)


def test_what_cannot_be_deleted_is_reported(s3: "S3Client", monkeypatch: pytest.MonkeyPatch) -> None:
    s3.put_object(Bucket=BUCKET, Key="kept", Body=b"")
    answer = {"Errors": [{"Key": "kept", "Message": "Access Denied"}]}
    monkeypatch.setattr(s3, "delete_objects", lambda **_: answer)
    with pytest.raises(
        PreviewError, match=f"{BUCKET}: 1 of its objects could not be deleted: kept: Access Denied; allowed: "
    ):
        empty_bucket(s3, BUCKET)
