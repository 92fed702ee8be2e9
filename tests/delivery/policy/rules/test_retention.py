"""The rule in retention.py: the means to undo a mistake must stay."""

from typing import Any

import pytest

from delivery.policy.rules.retention import RULES
from tests.delivery.plan_documents import resource
from tests.delivery.policy.rules.parts import Cases, assert_said, rules_broken_by


def lifecycle(days: int | None) -> dict[str, Any]:
    return {"rule": [{"id": "expire", "status": "Enabled", "expiration": [{"days": days}] if days else []}]}


CHANGES: Cases = {
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
def test_the_guard_judges_each_change_of_data_retention(case: str) -> None:
    assert_said(RULES, *CHANGES[case])


def test_every_rule_has_a_change_that_breaks_it() -> None:
    assert rules_broken_by(CHANGES) == {rule.id for rule in RULES}
