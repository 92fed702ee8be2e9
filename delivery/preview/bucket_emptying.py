"""Empties a bucket: deletes every version of every object, and every unfinished upload."""

from typing import TYPE_CHECKING

from delivery.preview.error import PreviewError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import ObjectIdentifierTypeDef

# https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html
_MOST_AT_ONCE = 1000


def empty_bucket(s3: "S3Client", bucket: str) -> int:
    """Delete everything in the bucket, and return how many versions and uploads that were.

    Raises PreviewError if S3 keeps some of it, ClientError or BotoCoreError if S3 does not answer.
    """
    deleted = 0
    while objects := _first_objects(s3, bucket):
        kept = s3.delete_objects(Bucket=bucket, Delete={"Objects": objects, "Quiet": True}).get("Errors", [])
        if kept:
            raise PreviewError(
                f"{bucket}: {len(kept)} of its objects could not be deleted: {kept[0].get('Key')}: "
                f"{kept[0].get('Message')}; allowed: credentials that may delete every version"
            )
        deleted += len(objects)
    while uploads := s3.list_multipart_uploads(Bucket=bucket).get("Uploads"):
        for upload in uploads:
            s3.abort_multipart_upload(Bucket=bucket, Key=upload["Key"], UploadId=upload["UploadId"])
        deleted += len(uploads)
    return deleted


def _first_objects(s3: "S3Client", bucket: str) -> "list[ObjectIdentifierTypeDef]":
    """The first page of versions and delete markers. A next page would start after a key that is deleted by then."""
    page = s3.list_object_versions(Bucket=bucket, MaxKeys=_MOST_AT_ONCE)
    return [
        {"Key": row["Key"], "VersionId": row["VersionId"]}
        for row in (*page.get("Versions", ()), *page.get("DeleteMarkers", ()))
    ]
