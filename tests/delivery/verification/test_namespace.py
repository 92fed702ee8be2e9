"""The checks of network policies and quotas."""

from ipaddress import IPv4Network
from typing import Any

import pytest

from delivery.verification.namespace import network_problems, quota_problems
from environments.schema.connection import Connection
from environments.schema.neighbour import Neighbour
from modules.model.selected_settings import SETTINGS, SHARED
from tests.delivery.verification.changes import Change, changed

VPC = IPv4Network(SHARED.vpc_cidr)
EVERY_POD: dict[str, Any] = {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
POLICIES: dict[str, Any] = {
    "default-deny": EVERY_POD,
    "allow": {
        **EVERY_POD,
        "ingress": [
            {"from": [{"podSelector": {}}]},
            {"from": [{"ipBlock": {"cidr": str(subnet)}} for subnet in list(VPC.subnets(new_prefix=20))[:2]]},
        ],
        "egress": [{"to": [{"ipBlock": {"cidr": "0.0.0.0/0"}}]}],
    },
}


def problems(policies: dict[str, Any]) -> list[str]:
    manifests = [{"metadata": {"name": name}, "spec": specification} for name, specification in policies.items()]
    return network_problems(manifests, VPC)


def sources(policies: dict[str, Any]) -> list[Any]:
    found: list[Any] = policies["allow"]["ingress"][1]["from"]
    return found


def test_default_deny_with_its_exceptions_is_accepted() -> None:
    assert problems(POLICIES) == []


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda it: it.pop("default-deny"), "default-deny is missing"),
        (lambda it: it.pop("allow"), "allow is missing"),
        (lambda it: it.update(open=EVERY_POD), "open should not exist"),
        (
            lambda it: it["default-deny"].update(podSelector={"matchLabels": {"app": "web"}}),
            "does not select every pod",
        ),
        (lambda it: it["default-deny"].update(policyTypes=["Ingress"]), "does not cover both directions"),
        (lambda it: it["default-deny"].update(ingress=[{}]), "default-deny allows something"),
        (lambda it: it["allow"]["ingress"].append({}), "0.0.0.0/0"),
        (lambda it: sources(it).clear(), "0.0.0.0/0"),
        (lambda it: sources(it).append({"ipBlock": {"cidr": SHARED.vpc_cidr}}), SHARED.vpc_cidr),
        (lambda it: sources(it).append({"ipBlock": {"cidr": "192.0.2.0/24"}}), "192.0.2.0/24"),
        (lambda it: sources(it).append({"ipBlock": {"cidr": "::/0"}}), "::/0"),
        (lambda it: sources(it).append({"namespaceSelector": {}}), "namespaceSelector"),
    ],
)
def test_a_differing_network_policy_is_reported(change: Change, named: str) -> None:
    assert named in ", ".join(problems(changed(POLICIES, change)))


def test_only_namespaces_admitted_by_a_capability_are_right() -> None:
    def named(namespace: str) -> dict[str, Any]:
        return {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": namespace}}}

    policies = changed(POLICIES, lambda it: it["allow"]["ingress"].append({"from": [named("observability")]}))
    manifests = [{"metadata": {"name": name}, "spec": specification} for name, specification in policies.items()]
    assert network_problems(manifests, VPC, {"observability"}) == []
    assert network_problems(manifests, VPC, {"aiservices"}) == [f"allow admits {named('observability')}"]
    assert network_problems(manifests, VPC) == [f"allow admits {named('observability')}"]


PRERENDER = Neighbour(
    name="prerender",
    labels={"app": "prerender"},
    connections=(Connection(direction="in", peer="own namespace", port=3000),),
)
QUIET = Neighbour(name="quiet", labels={"app": "quiet"})
OF_PRERENDER: dict[str, Any] = {
    "podSelector": {"matchLabels": {"app": "prerender"}},
    "policyTypes": ["Ingress", "Egress"],
    "ingress": [{"from": [{"podSelector": {}}]}],
}


def problems_beside_prerender(policies: dict[str, Any]) -> list[str]:
    manifests = [{"metadata": {"name": name}, "spec": specification} for name, specification in policies.items()]
    return network_problems(manifests, VPC, neighbours=(PRERENDER, QUIET))


def test_a_neighbour_that_needs_more_has_its_own_policy() -> None:
    policies = {**POLICIES, "neighbour-prerender": OF_PRERENDER}
    assert problems_beside_prerender(policies) == []
    assert problems(policies) == ["neighbour-prerender should not exist"]
    assert problems_beside_prerender(POLICIES) == ["neighbour-prerender is missing"]
    wide = changed(policies, lambda it: it["neighbour-prerender"].update(podSelector={}))
    assert problems_beside_prerender(wide) == ["neighbour-prerender selects {}, not the pods with {'app': 'prerender'}"]
    open_ = changed(policies, lambda it: it["neighbour-prerender"]["ingress"].append({}))
    assert problems_beside_prerender(open_) == ["neighbour-prerender admits {'ipBlock': {'cidr': '0.0.0.0/0'}}"]


QUOTA = SETTINGS.find("staging").quota
HARD: dict[str, Any] = {
    "requests.cpu": QUOTA.cpu_requests,
    "requests.memory": QUOTA.memory_requests,
    "requests.ephemeral-storage": QUOTA.ephemeral_storage_requests,
    "limits.cpu": QUOTA.cpu_limits,
    "limits.memory": QUOTA.memory_limits,
    "limits.ephemeral-storage": QUOTA.ephemeral_storage_limits,
    "pods": str(QUOTA.pods),
}


def test_the_settings_quota_is_accepted_in_any_notation() -> None:
    assert quota_problems(HARD, QUOTA) == []
    assert QUOTA.cpu_limits == "8"
    assert quota_problems({**HARD, "limits.cpu": "8000m"}, QUOTA) == []


def test_a_differing_quota_is_reported() -> None:
    without = changed(HARD, lambda it: it.pop("pods"))
    assert quota_problems(without, QUOTA) == [f"pods is None, not {QUOTA.pods}"]
    assert quota_problems({**HARD, "pods": "500"}, QUOTA) == [f"pods is 500, not {QUOTA.pods}"]
