"""The bucket of the bootstrap stack's own state, which must be there before Terraform can keep a state at all.

It is made here once, private from the start, and the stack's first apply takes it over by an import block: its state
is in S3 from its first version on, and never anywhere else.
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

# Where S3 was first; the only region that must not be named.
_FIRST_REGION = "us-east-1"


def ensure(session: boto3.Session, shared: Shared) -> bool:
    """Make the bucket unless it is there, and say whether a state is in it.

    Without a state whatever an interrupted run left undone is done; with one the bucket is Terraform's, and not
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
        # Checked by S3 itself, and by the form of the setting.
        location = cast("BucketLocationConstraintType", region)
        s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": location})
