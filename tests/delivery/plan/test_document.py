"""Reading a plan from Terraform's JSON."""

import pytest

from delivery.plan.document import Plan, PlanError
from tests.delivery.plan_documents import plan, resource
from tests.delivery.policy.rules.parts import kubernetes

QUOTA_GONE = resource("kubernetes_resource_quota_v1", "destroy", kubernetes(hard={"pods": "20"}))


def test_a_refused_plan_shows_none_of_its_values() -> None:
    with pytest.raises(ValueError, match="not a plan") as error:
        plan({**QUOTA_GONE, "change": {"actions": ["delete"], "before": "planted-secret"}})
    assert "planted-secret" not in str(error.value)


@pytest.mark.parametrize("text", ["{", "[" * 100_000], ids=["cut", "nested"])
def test_invalid_json_is_refused_with_what_is_allowed(text: str) -> None:
    with pytest.raises(PlanError, match=r"not JSON .*; allowed: the output of `terraform show -json PLANFILE`"):
        Plan.parse(text)
