"""Rules for every bucket of every environment."""

import json

import pytest

from environments.schema.settings import Environment
from modules.aws.private_bucket import Lifecycle
from tests.synth.template import Body, Template

COMPANIONS = {
    "aws_s3_bucket_lifecycle_configuration",
    "aws_s3_bucket_ownership_controls",
    "aws_s3_bucket_policy",
    "aws_s3_bucket_public_access_block",
    "aws_s3_bucket_server_side_encryption_configuration",
    "aws_s3_bucket_versioning",
}


@pytest.fixture
def stack(template: Template, bootstrap: Template, settings: Environment) -> Template:
    """The stack that makes an environment's buckets: bootstrap for a preview."""
    return template if settings.slot is None else bootstrap


@pytest.fixture
def prefix(settings: Environment) -> str:
    """The prefix of their blocks' names there."""
    return "" if settings.slot is None else f"environment_{settings.name.replace('-', '_')}_"


@pytest.fixture(params=["media", "backups"])
def bucket(request: pytest.FixtureRequest, prefix: str) -> str:
    return f"{prefix}{request.param}"


def _companion(template: Template, kind: str, bucket: str) -> Body:
    """Return the only block of this type that configures this bucket."""
    (body,) = (body for body in template.all(kind).values() if body["bucket"] == f"${{aws_s3_bucket.{bucket}.id}}")
    return body


def test_an_environment_has_a_media_and_a_backups_bucket(
    template: Template, stack: Template, settings: Environment, prefix: str
) -> None:
    own = {name for name in stack.some("aws_s3_bucket") if name.startswith(prefix)}
    assert own - {f"{prefix}state"} == {f"{prefix}media", f"{prefix}backups"}
    if settings.slot is not None:
        assert not template.all("aws_s3_bucket")


@pytest.mark.parametrize("kind", sorted(COMPANIONS))
def test_every_bucket_is_configured_once(stack: Template, bucket: str, kind: str) -> None:
    assert _companion(stack, kind, bucket)


def test_public_access_is_blocked_in_all_four_ways(stack: Template, bucket: str) -> None:
    block = _companion(stack, "aws_s3_bucket_public_access_block", bucket)
    assert {key: value for key, value in block.items() if key != "bucket"} == {
        "block_public_acls": True,
        "block_public_policy": True,
        "ignore_public_acls": True,
        "restrict_public_buckets": True,
    }


def test_objects_belong_to_the_bucket_owner(stack: Template, bucket: str) -> None:
    controls = _companion(stack, "aws_s3_bucket_ownership_controls", bucket)
    assert controls["rule"] == {"object_ownership": "BucketOwnerEnforced"}


def test_objects_are_encrypted(stack: Template, bucket: str) -> None:
    (rule,) = _companion(stack, "aws_s3_bucket_server_side_encryption_configuration", bucket)["rule"]
    assert rule["apply_server_side_encryption_by_default"] == {"sse_algorithm": "AES256"}


def test_versions_are_kept(stack: Template, bucket: str) -> None:
    versioning = _companion(stack, "aws_s3_bucket_versioning", bucket)
    assert versioning["versioning_configuration"] == {"status": "Enabled"}


def test_requests_without_tls_are_denied(stack: Template, bucket: str) -> None:
    policy = json.loads(_companion(stack, "aws_s3_bucket_policy", bucket)["policy"])
    (statement,) = policy["Statement"]
    arn = f"${{aws_s3_bucket.{bucket}.arn}}"
    assert statement.pop("Sid")
    assert statement == {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [arn, f"{arn}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }


def _check_that_what_expires_is_deleted(template: Template) -> None:
    """In a versioned bucket, an expiration alone only hides objects."""
    for name, lifecycle in template.some("aws_s3_bucket_lifecycle_configuration").items():
        rules = lifecycle["rule"]
        assert all(rule["status"] == "Enabled" and rule["filter"] == [{"prefix": ""}] for rule in rules), name
        old_versions = [block for rule in rules for block in rule.get("noncurrent_version_expiration", [])]
        assert [set(block) for block in old_versions] == [{"noncurrent_days"}], name
        assert {"expired_object_delete_marker": True} in [
            block for rule in rules for block in rule.get("expiration", [])
        ], name


def test_expired_objects_are_deleted_with_old_versions_and_delete_markers(stack: Template) -> None:
    _check_that_what_expires_is_deleted(stack)


def test_old_states_are_deleted_with_their_delete_markers(bootstrap: Template) -> None:
    _check_that_what_expires_is_deleted(bootstrap)


def test_an_expiration_that_keeps_old_versions_is_refused() -> None:
    with pytest.raises(ValueError, match="expire_after 30 without old_versions_expire_after"):
        Lifecycle(expire_after=30)


def test_cors_allows_only_this_environments_origins_and_only_for_media(
    stack: Template, settings: Environment, prefix: str
) -> None:
    found = stack.all("aws_s3_bucket_cors_configuration")
    (cors,) = (body for name, body in found.items() if name.startswith(prefix))
    assert cors["bucket"] == f"${{aws_s3_bucket.{prefix}media.id}}"
    (rule,) = cors["cors_rule"]
    assert rule["allowed_origins"] == [f"https://{host}" for host in settings.hosts]


def test_the_policy_waits_for_the_public_access_block(stack: Template, bucket: str) -> None:
    """S3 refuses two such changes of one bucket at the same time."""
    waits = stack.dependencies(f"aws_s3_bucket_policy.{bucket}_policy")
    assert f"aws_s3_bucket_public_access_block.{bucket}_public_access" in waits


def test_the_lifecycle_waits_for_versioning(stack: Template, bucket: str) -> None:
    waits = stack.dependencies(f"aws_s3_bucket_lifecycle_configuration.{bucket}_lifecycle")
    assert f"aws_s3_bucket_versioning.{bucket}_versioning" in waits
