"""Empties a bucket: every version of every object, and every upload that was not finished."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from delivery.preview.error import PreviewError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import ObjectIdentifierTypeDef


def empty_bucket(s3: "S3Client", bucket: str) -> int:
    """Delete all that the bucket holds, and return how many versions and uploads that were.

    Raises PreviewError where S3 keeps some of it, ClientError or BotoCoreError where it does not answer.
    """
    deleted = 0
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
        # A page has at most as many as one call deletes.
        objects: list[ObjectIdentifierTypeDef] = [
            {"Key": row["Key"], "VersionId": row["VersionId"]}
            for row in (*page.get("Versions", ()), *page.get("DeleteMarkers", ()))
        ]
        if not objects:
            continue
        kept = s3.delete_objects(Bucket=bucket, Delete={"Objects": objects, "Quiet": True}).get("Errors", [])
        if kept:
            raise PreviewError(
                f"{bucket} keeps {len(kept)} of its objects: {kept[0].get('Key')}: {kept[0].get('Message')}; allowed: "
                "credentials that may delete every version of them"
            )
        deleted += len(objects)
    for key, upload in list(_uploads(s3, bucket)):
        s3.abort_multipart_upload(Bucket=bucket, Key=key, UploadId=upload)
        deleted += 1
    return deleted


def _uploads(s3: "S3Client", bucket: str) -> Iterator[tuple[str, str]]:
    for page in s3.get_paginator("list_multipart_uploads").paginate(Bucket=bucket):
        for row in page.get("Uploads", ()):
            yield row["Key"], row["UploadId"]
