"""The namespace: Pod Security, quota and default limits."""

from environments.schema.formats import parse_quantity
from environments.schema.settings import Environment
from tests.synth.template import Template

_LEVELS = ("restricted", "baseline", "privileged")


def _check_pod_security(template: Template, enforced: str) -> None:
    labels = template.kubernetes["kubernetes_namespace_v1.namespace"]["labels"]
    for mode, level in {"enforce": enforced, "audit": "restricted", "warn": "restricted"}.items():
        assert labels[f"pod-security.kubernetes.io/{mode}"] == level
        assert labels[f"pod-security.kubernetes.io/{mode}-version"] == "latest"


def test_the_namespace_enforces_restricted_unless_a_neighbour_needs_more(
    template: Template, settings: Environment
) -> None:
    """Then it enforces what the most demanding neighbour needs, and still warns about and audits against restricted."""
    needed = [neighbour.pod_security for neighbour in settings.neighbours]
    _check_pod_security(template, max(needed, key=_LEVELS.index, default="restricted"))


def test_without_neighbours_it_is_restricted(designed: dict[str, Template]) -> None:
    for name in ("prod", "staging"):
        _check_pod_security(designed[name], "restricted")


def test_the_quota_matches_the_settings(template: Template, settings: Environment) -> None:
    quota = settings.quota
    hard = template.one("kubernetes_resource_quota_v1", "namespace_quota")["spec"]["hard"]
    assert hard == {
        "requests.cpu": quota.cpu_requests,
        "requests.memory": quota.memory_requests,
        "requests.ephemeral-storage": quota.ephemeral_storage_requests,
        "limits.cpu": quota.cpu_limits,
        "limits.memory": quota.memory_limits,
        "limits.ephemeral-storage": quota.ephemeral_storage_limits,
        "pods": str(quota.pods),
    }


def test_the_quota_waits_for_the_default_limits_that_containers_need(template: Template) -> None:
    waits = template.dependencies("kubernetes_resource_quota_v1.namespace_quota")
    assert "kubernetes_limit_range_v1.namespace_limits" in waits


def test_a_container_without_limits_gets_defaults(template: Template) -> None:
    (limit,) = template.one("kubernetes_limit_range_v1", "namespace_limits")["spec"]["limit"]
    assert limit["type"] == "Container"
    for kind in ("cpu", "memory", "ephemeral-storage"):
        assert 0 < parse_quantity(limit["default_request"][kind]) <= parse_quantity(limit["default"][kind])
