"""The rule in data.py: data must not be lost."""

import pytest

from delivery.policy.rules.data import RULES
from modules.model.selected_settings import SETTINGS
from tests.delivery.plan_documents import resource
from tests.delivery.policy.rules.parts import Cases, assert_said, judged, rules_broken_by

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
}


@pytest.mark.parametrize("case", CHANGES)
def test_the_guard_judges_each_change_of_data(case: str) -> None:
    assert_said(RULES, *CHANGES[case])


def test_every_rule_has_a_change_that_breaks_it() -> None:
    assert rules_broken_by(CHANGES) == {rule.id for rule in RULES}


def test_a_protected_environment_blocks_what_others_only_report() -> None:
    row = resource("aws_s3_bucket", "replace", *[{"bucket": "mosaic-prod-media-033691785857"}] * 2)
    assert judged(RULES, SETTINGS.find("prod"), row) == [
        "BLOCKING data-loss aws_s3_bucket.x would be destroyed and created again, empty: the bucket and the objects in "
        "it"
    ]
