"""The rules in public.py: nothing may become public."""

from typing import Any

import pytest

from delivery.policy.rules.public import RULES
from tests.delivery.plan_documents import resource
from tests.delivery.policy.rules.parts import (
    MEDIA,
    Cases,
    allow,
    assert_said,
    judged_in_staging,
    kubernetes,
    policy,
    rules_broken_by,
)

BUCKET = "mosaic-staging-media-033691785857"
TLS: dict[str, Any] = {
    "Effect": "Deny",
    "Principal": "*",
    "Action": "s3:*",
    "Resource": [MEDIA, f"{MEDIA}/*"],
    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
}
BLOCKED = dict.fromkeys(
    ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets"), True
)


CHANGES: Cases = {
    "public access is blocked": (
        resource("aws_s3_bucket_public_access_block", "create", None, BLOCKED),
        None,
    ),
    "public access is not blocked": (
        resource("aws_s3_bucket_public_access_block", "create", None, {**BLOCKED, "restrict_public_buckets": False}),
        "BLOCKING public-bucket aws_s3_bucket_public_access_block.x would not block public access: "
        "restrict_public_buckets is off",
    ),
    "the block of public access goes": (
        resource("aws_s3_bucket_public_access_block", "destroy", BLOCKED),
        "BLOCKING public-bucket aws_s3_bucket_public_access_block.x would be gone: nothing prevents a public bucket",
    ),
    "access lists are on again": (
        resource("aws_s3_bucket_ownership_controls", "change", {}, {"rule": [{"object_ownership": "ObjectWriter"}]}),
        "BLOCKING public-bucket aws_s3_bucket_ownership_controls.x would let access lists (ACLs) open single objects",
    ),
    "the environment's own web pages": (
        resource(
            "aws_s3_bucket_cors_configuration",
            "create",
            None,
            {"cors_rule": [{"allowed_origins": ["https://stage.mosaiclife.me"]}]},
        ),
        None,
    ),
    "web pages of anybody": (
        resource("aws_s3_bucket_cors_configuration", "create", None, {"cors_rule": [{"allowed_origins": ["*"]}]}),
        "BLOCKING public-bucket aws_s3_bucket_cors_configuration.x would let web pages of * use the bucket",
    ),
    "a bucket policy of TLS only": (
        resource("aws_s3_bucket_policy", "create", None, {"bucket": BUCKET, "policy": policy(TLS)}),
        None,
    ),
    "a bucket policy without TLS only": (
        resource(
            "aws_s3_bucket_policy",
            "change",
            {"bucket": BUCKET, "policy": policy(TLS)},
            {"bucket": BUCKET, "policy": policy()},
        ),
        "BLOCKING public-bucket aws_s3_bucket_policy.x would not refuse connections without TLS",
    ),
    "a bucket policy of TLS only with an exception": (
        resource(
            "aws_s3_bucket_policy",
            "change",
            {"bucket": BUCKET, "policy": policy(TLS)},
            {
                "bucket": BUCKET,
                "policy": policy(
                    {**TLS, "Condition": {**TLS["Condition"], "StringNotEquals": {"aws:SourceVpc": "vpc-1"}}}
                ),
            },
        ),
        "BLOCKING public-bucket aws_s3_bucket_policy.x would not refuse connections without TLS",
    ),
    "a bucket policy that goes": (
        resource("aws_s3_bucket_policy", "destroy", {"bucket": BUCKET, "policy": policy(TLS)}),
        "BLOCKING public-bucket aws_s3_bucket_policy.x would be gone: nothing refuses connections without TLS",
    ),
    "a bucket policy for another account": (
        resource(
            "aws_s3_bucket_policy",
            "change",
            {"bucket": BUCKET, "policy": policy(TLS)},
            {
                "bucket": BUCKET,
                "policy": policy(TLS, allow("s3:GetObject", f"{MEDIA}/*", Principal={"AWS": "111122223333"})),
            },
        ),
        "BLOCKING public-bucket aws_s3_bucket_policy.x would let others in: it allows s3:GetObject on "
        f"{MEDIA}/* to AWS:arn:aws:iam::111122223333:root",
    ),
    "a bucket policy that denies less": (
        resource(
            "aws_s3_bucket_policy",
            "change",
            {"bucket": BUCKET, "policy": policy(TLS, {**TLS, "Action": "s3:PutObject", "Condition": {}})},
            {"bucket": BUCKET, "policy": policy(TLS)},
        ),
        "BLOCKING public-bucket aws_s3_bucket_policy.x would no longer deny s3:PutObject on "
        f"{MEDIA}, {MEDIA}/* to everybody",
    ),
    "a bucket policy that nobody can read": (
        resource("aws_s3_bucket_policy", "change", {"bucket": BUCKET, "policy": policy(TLS)}, {"policy": "{"}),
        "BLOCKING public-bucket aws_s3_bucket_policy.x has a policy that cannot be judged: it is not JSON",
    ),
    "a service inside the cluster": (
        resource("kubernetes_service_v1", "create", None, kubernetes(type="ClusterIP")),
        None,
    ),
    "a load balancer of its own, by the type's other name": (
        resource("kubernetes_service", "create", None, kubernetes(type="LoadBalancer")),
        "BLOCKING public-service kubernetes_service.x would be reachable from outside by a LoadBalancer of its own",
    ),
    "a service of a hidden type": (
        resource(
            "kubernetes_service_v1",
            "create",
            None,
            kubernetes(type="NodePort"),
            after_sensitive={"spec": [{"type": True}]},
        ),
        "BLOCKING public-service kubernetes_service_v1.x would be reachable from outside "
        "by a (sensitive value) of its own",
    ),
    "web pages that are hidden": (
        resource(
            "aws_s3_bucket_cors_configuration",
            "create",
            None,
            {"cors_rule": [{"allowed_origins": ["*"]}]},
            after_sensitive={"cors_rule": [{"allowed_origins": True}]},
        ),
        "BLOCKING public-bucket aws_s3_bucket_cors_configuration.x would let web pages of (sensitive value) "
        "use the bucket",
    ),
    "a bucket with a policy of its own": (
        resource(
            "aws_s3_bucket",
            "change",
            {"bucket": BUCKET, "policy": policy(TLS)},
            {"bucket": BUCKET, "policy": policy()},
        ),
        "BLOCKING public-bucket aws_s3_bucket.x has policy of its own: only a resource for it can be judged",
    ),
    "a load balancer of its own": (
        resource("kubernetes_service_v1", "change", kubernetes(type="ClusterIP"), kubernetes(type="LoadBalancer")),
        "BLOCKING public-service kubernetes_service_v1.x would be reachable from outside by a LoadBalancer of its own",
    ),
}


@pytest.mark.parametrize("case", CHANGES)
def test_the_guard_judges_each_way_to_become_public(case: str) -> None:
    assert_said(RULES, *CHANGES[case])


def test_every_rule_has_a_change_that_breaks_it() -> None:
    assert rules_broken_by(CHANGES) == {rule.id for rule in RULES}


def test_a_buckets_protection_may_be_deleted_with_the_bucket() -> None:
    attributes = {"bucket": BUCKET, **BLOCKED}
    block = resource("aws_s3_bucket_public_access_block", "destroy", attributes)
    bucket = resource("aws_s3_bucket", "destroy", attributes)
    assert judged_in_staging(RULES, bucket, block) == []


@pytest.mark.parametrize("fate", ["unchanged", "forget", "replace"])
def test_a_buckets_protection_may_not_be_deleted_while_the_bucket_stays(fate: str) -> None:
    attributes = {"bucket": BUCKET}
    block = resource("aws_s3_bucket_public_access_block", "destroy", {**attributes, **BLOCKED})
    bucket = resource("aws_s3_bucket", fate, attributes, None if fate == "forget" else attributes)
    assert judged_in_staging(RULES, bucket, block) == [
        "BLOCKING public-bucket aws_s3_bucket_public_access_block.x would be gone: nothing prevents a public bucket"
    ]
