"""The rules in network.py: network policies must not be loosened."""

from typing import Any

import pytest

from delivery.policy.rules.network import RULES
from tests.delivery.plan_documents import resource
from tests.delivery.policy.rules.parts import (
    METADATA,
    Cases,
    assert_said,
    assert_said_beside_prerender,
    judged_in_staging,
    labels,
    rules_broken_by,
)

OPENED = "BLOCKING network-policy kubernetes_network_policy_v1.x would also let traffic through"


def network(*ingress: dict[str, Any], egress: tuple[dict[str, Any], ...] = (), types: object = None) -> dict[str, Any]:
    spec = {
        "pod_selector": [{}],
        "policy_types": types or ["Ingress", "Egress"],
        "ingress": list(ingress),
        "egress": list(egress),
    }
    return {"metadata": METADATA, "spec": [spec]}


def selecting(selector: dict[str, Any], *egress: dict[str, Any]) -> dict[str, Any]:
    return {"metadata": METADATA, "spec": [{**network(egress=egress)["spec"][0], "pod_selector": [selector]}]}


def rule(side: str, cidr: str | None, port: str | None = "8080") -> dict[str, Any]:
    peers = [{"ip_block": [{"cidr": cidr}]}] if cidr else []
    return {side: peers, "ports": [{"port": port, "protocol": "TCP"}] if port else []}


def https(*excepted: str) -> dict[str, Any]:
    return {"to": [{"ip_block": [{"cidr": "0.0.0.0/0", "except": list(excepted)}]}], "ports": [{"port": "443"}]}


VPC, LINK_LOCAL = "10.20.0.0/16", "169.254.0.0/16"
CHANGES: Cases = {
    "an exception less": (
        resource(
            "kubernetes_network_policy_v1",
            "change",
            network(egress=(https(VPC, LINK_LOCAL),)),
            network(egress=(https(LINK_LOCAL),)),
        ),
        f"{OPENED} to 0.0.0.0/0 except 169.254.0.0/16 on TCP 443",
    ),
    "no exception any more": (
        resource("kubernetes_network_policy_v1", "change", network(egress=(https(VPC),)), network(egress=(https(),))),
        f"{OPENED} to 0.0.0.0/0 on TCP 443",
    ),
    "a smaller exception": (
        resource(
            "kubernetes_network_policy_v1",
            "change",
            network(egress=(https(VPC),)),
            network(egress=(https("10.20.0.0/17"),)),
        ),
        f"{OPENED} to 0.0.0.0/0 except 10.20.0.0/17 on TCP 443",
    ),
    "a network that was excepted": (
        resource(
            "kubernetes_network_policy_v1",
            "change",
            network(egress=(https(VPC),)),
            network(egress=(https(VPC), rule("to", "10.20.9.0/24", "443"))),
        ),
        f"{OPENED} to 10.20.9.0/24 on TCP 443",
    ),
    "an exception more": (
        resource(
            "kubernetes_network_policy_v1",
            "change",
            network(egress=(https(VPC),)),
            network(egress=(https(VPC, LINK_LOCAL),)),
        ),
        None,
    ),
    "a larger exception, and a part of what is left": (
        resource(
            "kubernetes_network_policy_v1",
            "change",
            network(egress=(https(VPC),)),
            network(egress=(https("10.0.0.0/8"), rule("to", "192.0.2.0/24", "443"))),
        ),
        None,
    ),
    "the database's subnets instead of the VPC": (
        resource(
            "kubernetes_network_policy_v1",
            "change",
            network(egress=(rule("to", VPC, "5432"),)),
            network(egress=(rule("to", "10.20.64.0/24", "5432"), rule("to", "10.20.65.0/24", "5432"))),
        ),
        None,
    ),
    "the VPC instead of the database's subnets": (
        resource(
            "kubernetes_network_policy_v1",
            "change",
            network(egress=(rule("to", "10.20.64.0/24", "5432"),)),
            network(egress=(rule("to", VPC, "5432"),)),
        ),
        f"{OPENED} to 10.20.0.0/16 on TCP 5432",
    ),
    "a network policy goes": (
        resource("kubernetes_network_policy_v1", "destroy", network()),
        "BLOCKING network-policy kubernetes_network_policy_v1.x would be gone, if only for a while: "
        "what it forbids is allowed then",
    ),
    "one more network": (
        resource(
            "kubernetes_network_policy_v1",
            "change",
            network(rule("from", "10.20.0.0/24")),
            network(rule("from", "10.20.0.0/24"), rule("from", "10.20.0.0/16")),
        ),
        f"{OPENED} from 10.20.0.0/16 on TCP 8080",
    ),
    "a part of the same network": (
        resource(
            "kubernetes_network_policy_v1",
            "change",
            network(rule("from", "10.20.0.0/16")),
            network(rule("from", "10.20.4.0/24")),
        ),
        None,
    ),
    "a rule without a peer": (
        resource(
            "kubernetes_network_policy_v1", "change", network(rule("from", "10.20.0.0/24")), network(rule("from", None))
        ),
        f"{OPENED} from anybody on TCP 8080",
    ),
    "a rule without a port": (
        resource(
            "kubernetes_network_policy_v1",
            "change",
            network(egress=(rule("to", "10.20.0.0/16"),)),
            network(egress=(rule("to", "10.20.0.0/16", None),)),
        ),
        f"{OPENED} to 10.20.0.0/16 on any port",
    ),
    "a direction less": (
        resource("kubernetes_network_policy_v1", "change", network(), network(types=["Ingress"])),
        "BLOCKING network-policy kubernetes_network_policy_v1.x would no longer limit Egress",
    ),
    "an empty selector as it is read back, and as it is planned": (
        resource(
            "kubernetes_network_policy_v1",
            "change",
            selecting({"match_expressions": [], "match_labels": None}, https(), rule("to", VPC, "5432")),
            selecting({"match_expressions": [], "match_labels": {}}, https(VPC), rule("to", "10.20.64.0/24", "5432")),
        ),
        None,
    ),
    "a selector more": (
        resource(
            "kubernetes_network_policy_v1",
            "change",
            selecting({}),
            selecting({"match_labels": {"a": "b"}}),
        ),
        "BLOCKING network-policy kubernetes_network_policy_v1.x would be about other pods than before",
    ),
    "a selector less": (
        resource("kubernetes_network_policy_v1", "change", selecting({"match_labels": {"a": "b"}}), selecting({})),
        "BLOCKING network-policy kubernetes_network_policy_v1.x would be about other pods than before",
    ),
    "a new network policy in a namespace that was there": (
        resource("kubernetes_network_policy_v1", "create", None, network(rule("from", "10.20.0.0/24"))),
        f"{OPENED} from 10.20.0.0/24 on TCP 8080",
    ),
}


_PRERENDER = [{"match_labels": {"app.kubernetes.io/name": "prerender"}}]
_PORT = [{"port": "3000", "protocol": "TCP"}]


def _of_prerender(*ingress: dict[str, Any]) -> dict[str, Any]:
    """The network policy for the neighbour's own pods."""
    return {"metadata": METADATA, "spec": [{**network(*ingress)["spec"][0], "pod_selector": _PRERENDER}]}


BESIDE_PRERENDER: Cases = {
    "a neighbour listens": (
        resource(
            "kubernetes_network_policy_v1",
            "create",
            None,
            _of_prerender({"from": [{"pod_selector": [{}]}], "ports": _PORT}),
        ),
        "WARNING network-of-neighbours kubernetes_network_policy_v1.x would also let traffic through from pods all on "
        "TCP 3000, for neighbour prerender",
    ),
    "a neighbour is reached": (
        resource(
            "kubernetes_network_policy_v1",
            "change",
            network(),
            network(egress=({"to": [{"pod_selector": _PRERENDER}], "ports": _PORT},)),
        ),
        "WARNING network-of-neighbours kubernetes_network_policy_v1.x would also let traffic through "
        'to pods {"app.kubernetes.io/name": "prerender"} on TCP 3000, for neighbour prerender',
    ),
    "a neighbour would listen on another port": (
        resource("kubernetes_network_policy_v1", "create", None, _of_prerender(rule("from", "10.20.0.0/24"))),
        f"{OPENED} from 10.20.0.0/24 on TCP 8080",
    ),
    "a neighbour would be reached by everybody": (
        resource("kubernetes_network_policy_v1", "create", None, _of_prerender(rule("from", "0.0.0.0/0", "3000"))),
        f"{OPENED} from 0.0.0.0/0 on TCP 3000",
    ),
    "our own pods would listen on a neighbour's port": (
        resource("kubernetes_network_policy_v1", "create", None, network(rule("from", "10.20.0.0/24", "3000"))),
        f"{OPENED} from 10.20.0.0/24 on TCP 3000",
    ),
}


@pytest.mark.parametrize("case", CHANGES)
def test_the_guard_judges_each_change_of_a_network_policy(case: str) -> None:
    assert_said(RULES, *CHANGES[case])


@pytest.mark.parametrize("case", BESIDE_PRERENDER)
def test_the_guard_knows_the_needs_of_a_configured_neighbour(case: str) -> None:
    assert_said_beside_prerender(RULES, *BESIDE_PRERENDER[case])


def test_every_rule_has_a_change_that_breaks_it() -> None:
    assert rules_broken_by(CHANGES | BESIDE_PRERENDER) == {rule.id for rule in RULES}


@pytest.mark.parametrize(
    ("policy", "opened"),
    [
        (network(rule("from", "10.20.0.0/24"), egress=(https(VPC, LINK_LOCAL),)), None),
        (network(rule("from", "0.0.0.0/0")), "from 0.0.0.0/0 on TCP 8080"),
        (network(rule("from", VPC)), f"from {VPC} on TCP 8080"),
        (network(egress=(https(VPC),)), f"to 0.0.0.0/0 except {VPC} on TCP 443"),
        (network(egress=(rule("to", VPC, "22"),)), f"to {VPC} on TCP 22"),
    ],
)
def test_a_new_namespace_opens_only_what_the_settings_explain(policy: dict[str, Any], opened: str | None) -> None:
    namespace = resource("kubernetes_namespace_v1", "create", None, labels(enforce="restricted"))
    row = resource("kubernetes_network_policy_v1", "create", None, policy)
    assert judged_in_staging(RULES, namespace, row) == ([f"{OPENED} {opened}"] if opened else [])
