"""The guard on real plans of the stacks."""

import pytest

from tests.delivery.plan_documents import real_guard_result, said


@pytest.mark.parametrize(
    "name",
    [
        "staging-create",
        "staging-empty",
        "staging-replicas",
        "staging-image",
        "staging-rotation",
        "prod-adopt",
        "prod-empty",
    ],
)
def test_the_guard_passes_a_harmless_plan(name: str) -> None:
    assert said(real_guard_result(name)) == []
