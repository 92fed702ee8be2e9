"""An S3 bucket that only this account's own roles reach, over TLS."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from cdktf_cdktf_provider_aws.s3_bucket import S3Bucket
from cdktf_cdktf_provider_aws.s3_bucket_cors_configuration import (
    S3BucketCorsConfiguration,
    S3BucketCorsConfigurationCorsRule,
)
from cdktf_cdktf_provider_aws.s3_bucket_lifecycle_configuration import (
    S3BucketLifecycleConfiguration,
    S3BucketLifecycleConfigurationRule,
    S3BucketLifecycleConfigurationRuleAbortIncompleteMultipartUpload,
    S3BucketLifecycleConfigurationRuleExpiration,
    S3BucketLifecycleConfigurationRuleFilter,
    S3BucketLifecycleConfigurationRuleNoncurrentVersionExpiration,
    S3BucketLifecycleConfigurationRuleTransition,
)
from cdktf_cdktf_provider_aws.s3_bucket_ownership_controls import (
    S3BucketOwnershipControls,
    S3BucketOwnershipControlsRule,
)
from cdktf_cdktf_provider_aws.s3_bucket_policy import S3BucketPolicy
from cdktf_cdktf_provider_aws.s3_bucket_public_access_block import S3BucketPublicAccessBlock
from cdktf_cdktf_provider_aws.s3_bucket_server_side_encryption_configuration import (
    S3BucketServerSideEncryptionConfigurationA,
    S3BucketServerSideEncryptionConfigurationRuleA,
    S3BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultA,
)
from cdktf_cdktf_provider_aws.s3_bucket_versioning import (
    S3BucketVersioningA,
    S3BucketVersioningVersioningConfiguration,
)
from constructs import Construct

from modules.aws.bucket import Bucket
from modules.base.terraform import import_existing, prevent_destroy

_INCOMPLETE_UPLOADS_END_AFTER = 7


@dataclass(frozen=True, kw_only=True)
class Lifecycle:
    """When objects move or expire, in days; None means never.

    Incomplete uploads always expire after 7 days: they are billed and appear in no listing. With
    `old_versions_expire_after`, S3 also removes a delete marker when no version is left behind it.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html

    Attributes:
        infrequent_access_after: days after which an object moves to the storage class STANDARD_IA.
        old_versions_expire_after: days after which a replaced or deleted version is removed for good.
        expire_after: days after which an object expires.

    Raises:
        ValueError: `expire_after` without `old_versions_expire_after`. The bucket keeps versions, so an expired object
            is only hidden, and would be kept for ever.

    """

    infrequent_access_after: int | None = None
    old_versions_expire_after: int | None = None
    expire_after: int | None = None

    def __post_init__(self) -> None:
        """Refuse an expiration that would free nothing."""
        if self.expire_after and not self.old_versions_expire_after:
            raise ValueError(
                f"expire_after {self.expire_after} without old_versions_expire_after: expired objects would be kept as "
                "old versions forever; allowed: both, or old_versions_expire_after alone"
            )


class PrivateBucket(Construct):
    """A bucket without public access, with enforced ownership, encryption, versions and a TLS-only policy.

    Args:
        name: physical name of the bucket.
        lifecycle: when objects move or expire.
        cors_origins: web origins that may read and upload from a browser.
        protected: Terraform refuses to destroy the bucket; otherwise a destroy deletes it with all objects.
        adopt: import the existing bucket of this name.

    Attributes:
        bucket: name and ARN of the bucket, for those who use it.

    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        name: str,
        lifecycle: Lifecycle,
        cors_origins: Sequence[str] = (),
        protected: bool,
        adopt: bool,
    ) -> None:
        super().__init__(scope, id_)
        bucket = S3Bucket(
            self, "resource", bucket=name, force_destroy=not protected, lifecycle=prevent_destroy(protected)
        )
        if adopt:
            import_existing(bucket, name)
        self.bucket = Bucket(purpose=id_, name=bucket.bucket, arn=bucket.arn)
        bucket_id = bucket.id  # once: each dot is a request to the jsii kernel

        public_access = S3BucketPublicAccessBlock(
            self,
            "public-access",
            bucket=bucket_id,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
        )
        S3BucketOwnershipControls(
            self,
            "ownership",
            bucket=bucket_id,
            rule=S3BucketOwnershipControlsRule(object_ownership="BucketOwnerEnforced"),
            depends_on=[public_access],
        )
        S3BucketServerSideEncryptionConfigurationA(
            self,
            "encryption",
            bucket=bucket_id,
            rule=[
                S3BucketServerSideEncryptionConfigurationRuleA(
                    apply_server_side_encryption_by_default=(
                        S3BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultA(
                            sse_algorithm="AES256"
                        )
                    ),
                )
            ],
        )
        versioning = S3BucketVersioningA(
            self,
            "versioning",
            bucket=bucket_id,
            versioning_configuration=S3BucketVersioningVersioningConfiguration(status="Enabled"),
        )
        # S3 allows one change of a bucket's policy and public access block at a time.
        S3BucketPolicy(self, "policy", bucket=bucket_id, policy=self._tls_only(), depends_on=[public_access])
        # Rules about old versions are refused until versioning is on.
        S3BucketLifecycleConfiguration(
            self, "lifecycle", bucket=bucket_id, rule=_rules(lifecycle), depends_on=[versioning]
        )
        if cors_origins:
            S3BucketCorsConfiguration(
                self,
                "cors",
                bucket=bucket_id,
                cors_rule=[
                    S3BucketCorsConfigurationCorsRule(
                        allowed_origins=list(cors_origins),
                        allowed_methods=["GET", "HEAD", "PUT", "POST"],
                        allowed_headers=["*"],
                        expose_headers=["ETag"],
                        max_age_seconds=3600,
                    )
                ],
            )

    def _tls_only(self) -> str:
        return json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Sid": "DenyWithoutTLS",
                        "Effect": "Deny",
                        "Principal": "*",
                        "Action": "s3:*",
                        "Resource": [self.bucket.arn, f"{self.bucket.arn}/*"],
                        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
                    }
                ],
            }
        )


def _rules(lifecycle: Lifecycle) -> list[S3BucketLifecycleConfigurationRule]:
    everything = [S3BucketLifecycleConfigurationRuleFilter(prefix="")]
    rules = [
        S3BucketLifecycleConfigurationRule(
            id="end-incomplete-uploads",
            status="Enabled",
            filter=everything,
            abort_incomplete_multipart_upload=[
                S3BucketLifecycleConfigurationRuleAbortIncompleteMultipartUpload(
                    days_after_initiation=_INCOMPLETE_UPLOADS_END_AFTER
                )
            ],
        )
    ]
    if lifecycle.infrequent_access_after:
        rules.append(
            S3BucketLifecycleConfigurationRule(
                id="move-to-infrequent-access",
                status="Enabled",
                filter=everything,
                transition=[
                    S3BucketLifecycleConfigurationRuleTransition(
                        days=lifecycle.infrequent_access_after, storage_class="STANDARD_IA"
                    )
                ],
            )
        )
    if lifecycle.old_versions_expire_after:
        rules.append(
            S3BucketLifecycleConfigurationRule(
                id="expire-old-versions",
                status="Enabled",
                filter=everything,
                noncurrent_version_expiration=[
                    S3BucketLifecycleConfigurationRuleNoncurrentVersionExpiration(
                        noncurrent_days=lifecycle.old_versions_expire_after
                    )
                ],
            )
        )
        # In a rule of its own: S3 takes this beside no number of days.
        rules.append(
            S3BucketLifecycleConfigurationRule(
                id="expire-delete-markers",
                status="Enabled",
                filter=everything,
                expiration=[S3BucketLifecycleConfigurationRuleExpiration(expired_object_delete_marker=True)],
            )
        )
    if lifecycle.expire_after:
        rules.append(
            S3BucketLifecycleConfigurationRule(
                id="expire",
                status="Enabled",
                filter=everything,
                expiration=[S3BucketLifecycleConfigurationRuleExpiration(days=lifecycle.expire_after)],
            )
        )
    return rules
