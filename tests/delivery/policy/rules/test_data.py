"""The rules in data.py: data must not be lost, nor its safety nets."""

from typing import Any

import pytest

from delivery.policy.rules.data import RULES
from tests.delivery.plan_documents import guard_result, resource, said
from tests.delivery.policy.rules.parts import Cases, assert_said, rules_broken_by


def lifecycle(days: int | None) -> dict[str, Any]:
    return {"rule": [{"id": "expire", "status": "Enabled", "expiration": [{"days": days}] if days else []}]}


CHANGES: Cases = {
    "a bucket is made": (
        resource("aws_s3_bucket", "create", None, {"bucket": "mosaic-staging-media-033691785857"}),
        None,
    ),
    "a bucket is destroyed": (
        resource("aws_s3_bucket", "destroy", {"bucket": "mosaic-staging-media-033691785857"}),
        "WARNING data-loss aws_s3_bucket.x would be destroyed: the bucket and the objects in it",
    ),
    "a secret's value is replaced by a rotation": (
        resource("terraform_data", "replace", {"triggers_replace": ["a", "1"]}, {"triggers_replace": ["a", "2"]}),
        None,
    ),
    "a secret's value is stored by something else": (
        resource("aws_secretsmanager_secret_version", "forget", {"version_id": "1"}),
        None,
    ),
    "an extension is made by bootstrap": (resource("postgresql_extension", "forget", {"name": "vector"}), None),
    "an extension is destroyed": (
        resource("postgresql_extension", "destroy", {"name": "vector"}),
        "WARNING data-loss postgresql_extension.x would be destroyed: the extension and the columns of its types",
    ),
    "a secret's value is destroyed": (
        resource("aws_secretsmanager_secret_version", "destroy", {"version_id": "1"}),
        "WARNING data-loss aws_secretsmanager_secret_version.x would be destroyed: the secret's value of today",
    ),
    "a database is forgotten": (
        resource("postgresql_database", "forget", {"name": "core_staging", "owner": "mosaic_staging"}),
        "WARNING data-loss postgresql_database.x would no longer be managed, nor protected: "
        "the database and every table in it",
    ),
    "versions are suspended": (
        resource(
            "aws_s3_bucket_versioning",
            "change",
            {"versioning_configuration": [{"status": "Enabled"}]},
            {"versioning_configuration": [{"status": "Suspended"}]},
        ),
        "WARNING data-protection aws_s3_bucket_versioning.x versions would no longer be kept: "
        "an overwritten object is lost",
    ),
    "backups expire sooner": (
        resource("aws_s3_bucket_lifecycle_configuration", "change", lifecycle(365), lifecycle(30)),
        "WARNING data-protection aws_s3_bucket_lifecycle_configuration.x objects would be deleted after 30 days "
        "instead of after 365",
    ),
    "objects that stayed expire": (
        resource("aws_s3_bucket_lifecycle_configuration", "change", lifecycle(None), lifecycle(30)),
        "WARNING data-protection aws_s3_bucket_lifecycle_configuration.x objects would be deleted after 30 days "
        "instead of never",
    ),
    "backups expire later": (
        resource("aws_s3_bucket_lifecycle_configuration", "change", lifecycle(30), lifecycle(365)),
        None,
    ),
    "a bucket may be destroyed with its objects": (
        resource(
            "aws_s3_bucket",
            "change",
            {"bucket": "mosaic-staging-media-033691785857", "force_destroy": False},
            {"bucket": "mosaic-staging-media-033691785857", "force_destroy": True},
        ),
        "WARNING data-protection aws_s3_bucket.x could from now on be destroyed with the objects in it",
    ),
    "a secret is gone sooner": (
        resource(
            "aws_secretsmanager_secret",
            "change",
            {"name": "mosaic/staging/session/secret-key", "recovery_window_in_days": 30},
            {"name": "mosaic/staging/session/secret-key", "recovery_window_in_days": 0},
        ),
        "WARNING data-protection aws_secretsmanager_secret.x once deleted, could be restored for 0 days instead of 30",
    ),
}


@pytest.mark.parametrize("case", CHANGES)
def test_the_guard_judges_each_change_of_data(case: str) -> None:
    assert_said(*CHANGES[case])


def test_every_rule_has_a_change_that_breaks_it() -> None:
    assert rules_broken_by(CHANGES) == {rule.id for rule in RULES}


def test_a_protected_environment_stops_what_another_only_names() -> None:
    row = resource("aws_s3_bucket", "replace", *[{"bucket": "mosaic-prod-media-033691785857"}] * 2)
    assert said(guard_result("prod", row)) == [
        "BLOCKING data-loss aws_s3_bucket.x would be destroyed and made anew, empty: the bucket and the objects in it"
    ]
