"""A plan as Terraform's JSON says it."""

import pytest

from tests.delivery.plan_documents import plan, resource
from tests.delivery.policy.rules.parts import kubernetes

QUOTA_GONE = resource("kubernetes_resource_quota_v1", "destroy", kubernetes(hard={"pods": "20"}))


def test_a_refused_plan_shows_none_of_its_values() -> None:
    with pytest.raises(ValueError, match="not a plan") as error:
        plan({**QUOTA_GONE, "change": {"actions": ["delete"], "before": "planted-secret"}})
    assert "planted-secret" not in str(error.value)
