"""Creates the bucket of the bootstrap stack's own state, which must exist before Terraform can store any state.

It is created once, private from the start, and the stack's first apply imports it: the bootstrap state is in S3 from
its first version on, and never anywhere else.
"""

from collections.abc import Callable
from http import HTTPStatus
from typing import TYPE_CHECKING, cast

import boto3
from botocore.exceptions import ClientError

from delivery.account.session import CALLS
from environments.schema.settings import BOOTSTRAP, Shared
from modules.model.names import bootstrap_state_bucket, state_key

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.literals import BucketLocationConstraintType

# S3's first region; the only one that a request must not name.
_FIRST_REGION = "us-east-1"


def ensure(session: boto3.Session, shared: Shared) -> bool:
    """Create the bucket unless it exists, and return whether it holds a state.

    Without a state, finishes what an interrupted run left undone; with one, Terraform owns the bucket and it is not
    touched. Raises ClientError, also for a bucket of this name in another account.
    """
    s3: S3Client = session.client("s3", config=CALLS)
    bucket = bootstrap_state_bucket(shared)
    if not _answers(lambda: s3.head_bucket(Bucket=bucket, ExpectedBucketOwner=shared.account)):
        _create(s3, bucket, shared.region)
    if _answers(lambda: s3.head_object(Bucket=bucket, Key=state_key(BOOTSTRAP))):
        return True
    s3.put_public_access_block(
        Bucket=bucket,
        PublicAccessBlockConfiguration={
            "BlockPublicAcls": True,
            "BlockPublicPolicy": True,
            "IgnorePublicAcls": True,
            "RestrictPublicBuckets": True,
        },
    )
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    return False


def _answers(call: Callable[[], object]) -> bool:
    try:
        call()
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] != HTTPStatus.NOT_FOUND:
            raise
        return False
    return True


def _create(s3: "S3Client", bucket: str, region: str) -> None:
    if region == _FIRST_REGION:
        s3.create_bucket(Bucket=bucket)
    else:
        # S3 checks the region, and so does the setting's pattern.
        location = cast("BucketLocationConstraintType", region)
        s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": location})
