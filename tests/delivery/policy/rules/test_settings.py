"""The rules in settings.py: which changes of the settings are dangerous, and which are not."""

from typing import Any

import pytest

from delivery.policy.rules.setting_classes import CHANGED, OF_ENVIRONMENT, class_of
from environments.schema.settings import Autoscaling, Resources
from tests.delivery.policy.attacks.attack import base
from tests.delivery.policy.attacks.edits import new_environment, setting, setting_before, without_environment

_RESOURCES = Resources(
    cpu_request="100m",
    memory_request="128Mi",
    ephemeral_storage_request="64Mi",
    cpu_limit="1",
    memory_limit="1Gi",
    ephemeral_storage_limit="1Gi",
)


@pytest.mark.parametrize(
    "fields",
    [
        {"web": {"replicas": 2}},
        {"web": {"image": {"tag": "staging-0000000"}}},
        {"web": {"hosts": ("new.mosaiclife.me",)}},
        {"web": {"resources": _RESOURCES}},
        {"web": {"ingress_order": 900}},
        {"core_api": {"replicas": 2, "autoscaling": Autoscaling(minimum=2, maximum=4), "minimum_available": 1}},
        {"log_level": "debug"},
        {"paused": True},
        {"alb": "own"},
        {"protected": True},
        {"backups": {"expire_after": 3650, "old_versions_expire_after": 365}},
        {"media": {"old_versions_expire_after": 365, "infrequent_access_after": 30}},
        {"session": {"cookie_name": "another", "key_version": 2}},
        {"database": {"credentials_version": 2, "name": "core_staging"}},
        {"quota": {"pods": 1, "cpu_limits": "1"}},
    ],
)
def test_an_ordinary_change_of_the_settings_is_not_a_finding(fields: dict[str, Any]) -> None:
    documents = base("settings of staging")
    setting("staging", **fields)(documents)
    assert documents.judged().findings == ()


@pytest.mark.parametrize("field", ["a_new_one", "web.a_new_one", "neighbours[docs].a_new_one", "quota[docs]"])
def test_a_field_is_dangerous_until_it_is_classified(field: str) -> None:
    assert class_of(field, OF_ENVIRONMENT) is CHANGED
    assert CHANGED.is_dangerous("before", "after")


@pytest.mark.parametrize("environment", ["prod", "staging"])
def test_a_removed_environment_is_found_once(environment: str) -> None:
    """In the review of the first remaining environment; a new environment's name does not hide it."""
    found = []
    for reviewed in ("new", environment):
        documents = base(f"settings of {environment}")
        without_environment("prod" if environment == "staging" else "staging")(documents)
        new_environment("new", environment, stage="new")(documents)
        documents.environment = reviewed
        found += [row.finding.address for row in documents.judged().findings if " is gone" in f" {row.finding.words()}"]
    assert found == [f"environments/{'prod' if environment == 'staging' else 'staging'}.py"]


def test_protection_still_applies_to_the_change_that_disables_it() -> None:
    documents = base("prod")
    documents.base = base("settings of prod").base
    setting("prod", protected=False)(documents)
    documents.row("aws_s3_bucket.media")["change"].update(actions=["delete"], after=None)
    blocking = {row.rule.id for row in documents.judged().blocking}
    assert {"settings-of-data", "data-loss"} <= blocking


def test_returning_to_the_derived_name_is_not_a_change() -> None:
    documents = base("settings of staging")
    setting_before("staging", database={"role": "mosaic_staging"})(documents)
    setting("staging", database={"role": None})(documents)
    assert documents.judged().findings == ()
