"""The namespace: Pod Security, quota and default limits."""

from environments.schema.formats import parse_quantity
from environments.schema.settings import Environment
from tests.synth.template import Template


def test_the_namespace_enforces_the_restricted_standard(template: Template) -> None:
    labels = template.kubernetes["kubernetes_namespace_v1.namespace"]["labels"]
    for mode in ("enforce", "audit", "warn"):
        assert labels[f"pod-security.kubernetes.io/{mode}"] == "restricted"
        assert labels[f"pod-security.kubernetes.io/{mode}-version"] == "latest"


def test_the_quota_is_the_settings(template: Template, settings: Environment) -> None:
    quota = settings.quota
    hard = template.one("kubernetes_resource_quota_v1", "namespace_quota")["spec"]["hard"]
    assert hard == {
        "requests.cpu": quota.cpu_requests,
        "requests.memory": quota.memory_requests,
        "limits.cpu": quota.cpu_limits,
        "limits.memory": quota.memory_limits,
        "pods": str(quota.pods),
    }


def test_a_container_that_names_no_limits_gets_some(template: Template) -> None:
    (limit,) = template.one("kubernetes_limit_range_v1", "namespace_limits")["spec"]["limit"]
    assert limit["type"] == "Container"
    for kind in ("cpu", "memory"):
        assert 0 < parse_quantity(limit["default_request"][kind]) <= parse_quantity(limit["default"][kind])
