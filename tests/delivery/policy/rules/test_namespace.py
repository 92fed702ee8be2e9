"""The rules in namespace.py: the namespace must keep its Pod Security Standard and its quota."""

import pytest

from delivery.policy.rules.namespace import RULES
from modules.model.quota import hard_limits
from modules.model.selected_settings import SETTINGS
from tests.delivery.plan_documents import resource
from tests.delivery.policy.rules.parts import (
    Cases,
    assert_said,
    assert_said_beside_prerender,
    kubernetes,
    labels,
    rules_broken_by,
)

RESTRICTED = {
    **dict.fromkeys(("enforce", "audit", "warn"), "restricted"),
    **dict.fromkeys(("enforce_version", "audit_version", "warn_version"), "latest"),
}
QUOTA = {**dict.fromkeys(hard_limits(SETTINGS.find("staging").quota), "1"), "pods": "20"}


CHANGES: Cases = {
    "a namespace that only enforces": (
        resource("kubernetes_namespace_v1", "create", None, labels(**{**RESTRICTED, "audit": "privileged"})),
        "BLOCKING pod-security kubernetes_namespace_v1.x would set pod-security.kubernetes.io/audit to privileged "
        "instead of restricted",
    ),
    "a restricted namespace": (
        resource("kubernetes_namespace_v1", "create", None, labels(**RESTRICTED)),
        None,
    ),
    "a namespace that is not restricted": (
        resource("kubernetes_namespace_v1", "change", labels(enforce="restricted"), labels(enforce="baseline")),
        "BLOCKING pod-security kubernetes_namespace_v1.x would not enforce restricted Pod Security but baseline",
    ),
    "a namespace without Pod Security": (
        resource("kubernetes_namespace_v1", "change", labels(enforce="restricted"), labels()),
        "BLOCKING pod-security kubernetes_namespace_v1.x would not enforce restricted Pod Security but none",
    ),
    "an older Pod Security": (
        resource(
            "kubernetes_namespace_v1",
            "change",
            labels(enforce="restricted", enforce_version="latest"),
            labels(enforce="restricted", enforce_version="v1.24"),
        ),
        "BLOCKING pod-security kubernetes_namespace_v1.x would set pod-security.kubernetes.io/enforce-version to v1.24 "
        "instead of latest",
    ),
    "a quota goes": (
        resource("kubernetes_resource_quota_v1", "destroy", kubernetes(hard={"pods": "20"})),
        "BLOCKING quota kubernetes_resource_quota_v1.x would be gone: the pods may take every node of the cluster",
    ),
    "a quota limits less": (
        resource(
            "kubernetes_resource_quota_v1",
            "change",
            kubernetes(hard=QUOTA),
            kubernetes(hard={kind: amount for kind, amount in QUOTA.items() if kind != "limits.cpu"}),
        ),
        "BLOCKING quota kubernetes_resource_quota_v1.x would no longer limit limits.cpu",
    ),
    "a quota larger than the settings'": (
        resource(
            "kubernetes_resource_quota_v1", "change", kubernetes(hard=QUOTA), kubernetes(hard={**QUOTA, "pods": "40"})
        ),
        "BLOCKING quota kubernetes_resource_quota_v1.x would allow 40 of pods instead of the settings' 20",
    ),
    "a larger quota within the settings'": (
        resource(
            "kubernetes_resource_quota_v1", "change", kubernetes(hard={**QUOTA, "pods": "10"}), kubernetes(hard=QUOTA)
        ),
        None,
    ),
}


# Staging's settings with the neighbour prerender, which needs baseline.
BESIDE_PRERENDER: Cases = {
    "what a neighbour needs": (
        resource("kubernetes_namespace_v1", "change", labels(enforce="restricted"), labels(enforce="baseline")),
        "WARNING pod-security-of-neighbours kubernetes_namespace_v1.x would enforce only baseline Pod Security, "
        "for neighbour prerender",
    ),
    "more than a neighbour needs": (
        resource("kubernetes_namespace_v1", "change", labels(enforce="restricted"), labels(enforce="privileged")),
        "BLOCKING pod-security kubernetes_namespace_v1.x would not enforce restricted Pod Security but privileged",
    ),
    "stricter than a neighbour needs": (
        resource("kubernetes_namespace_v1", "change", labels(enforce="baseline"), labels(enforce="restricted")),
        None,
    ),
}


@pytest.mark.parametrize("case", CHANGES)
def test_the_guard_judges_each_change_of_the_namespace(case: str) -> None:
    assert_said(RULES, *CHANGES[case])


@pytest.mark.parametrize("case", BESIDE_PRERENDER)
def test_the_guard_knows_the_needs_of_a_configured_neighbour(case: str) -> None:
    assert_said_beside_prerender(RULES, *BESIDE_PRERENDER[case])


def test_every_rule_has_a_change_that_breaks_it() -> None:
    assert rules_broken_by(CHANGES | BESIDE_PRERENDER) == {rule.id for rule in RULES}
