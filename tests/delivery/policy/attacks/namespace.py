"""The namespace loses its Pod Security Standard, its quota or its network policies."""

from typing import Any

from tests.delivery.policy.attacks.attack import attack
from tests.delivery.policy.attacks.edits import add, add_item, drop, mark, put, remove, replace

_NAMESPACE, _QUOTA = "kubernetes_namespace_v1.namespace", "kubernetes_resource_quota_v1.namespace_quota"
_LIMITS = "kubernetes_limit_range_v1.namespace_limits"
_DENY, _ALLOW = "kubernetes_network_policy_v1.network_default_deny", "kubernetes_network_policy_v1.network_allow"
_LABELS = "metadata/0/labels/pod-security.kubernetes.io"
_TCP = [{"port": "22", "protocol": "TCP"}]


def _policy(**spec: object) -> dict[str, Any]:
    return {
        "metadata": [{"name": "more", "namespace": "mosaic-staging"}],
        "spec": [{"pod_selector": [{}], "policy_types": ["Ingress", "Egress"], **spec}],
    }


def _range(cidr: str, *excepted: str) -> list[dict[str, Any]]:
    return [{"ip_block": [{"cidr": cidr, **({"except": list(excepted)} if excepted else {})}]}]


_OPENINGS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("in from anybody", "ingress", {}),
    ("in from anybody on a port", "ingress", {"ports": _TCP}),
    ("in from the internet", "ingress", {"from": _range("0.0.0.0/0"), "ports": _TCP}),
    ("in from half of the internet", "ingress", {"from": _range("0.0.0.0/1"), "ports": _TCP}),
    ("in from the whole VPC", "ingress", {"from": _range("10.20.0.0/16"), "ports": _TCP}),
    ("in from every namespace", "ingress", {"from": [{"namespace_selector": [{}]}], "ports": _TCP}),
    (
        "in from every namespace but one",
        "ingress",
        {
            "from": [
                {"namespace_selector": [{"match_expressions": [{"key": "a", "operator": "NotIn", "values": ["b"]}]}]}
            ]
        },
    ),
    ("in on every port", "ingress", {"from": [{"pod_selector": [{}]}]}),
    ("out to anybody", "egress", {}),
    ("out to the internet", "egress", {"to": _range("0.0.0.0/0"), "ports": _TCP}),
    ("out to the internet by IPv6", "egress", {"to": _range("::/0"), "ports": [{"port": "443", "protocol": "TCP"}]}),
    ("out to the node", "egress", {"to": _range("169.254.169.254/32"), "ports": [{"port": "80", "protocol": "TCP"}]}),
    ("out to the whole VPC", "egress", {"to": _range("10.20.0.0/16"), "ports": _TCP}),
    (
        "out to HTTPS everywhere, the node as well",
        "egress",
        {"to": _range("0.0.0.0/0", "10.20.0.0/16"), "ports": [{"port": "443", "protocol": "TCP"}]},
    ),
    (
        "out to another namespace",
        "egress",
        {
            "to": [{"namespace_selector": [{"match_labels": {"kubernetes.io/metadata.name": "kube-system"}}]}],
            "ports": _TCP,
        },
    ),
    (
        "out on a range of ports",
        "egress",
        {"to": [{"pod_selector": [{}]}, *_range("10.0.0.0/8")], "ports": [{"port": "1", "end_port": 65535}]},
    ),
)

ATTACKS = (
    *(
        attack(f"traffic {title}, {where}", on, "network-policy", edit)
        for title, direction, opening in _OPENINGS
        for where, on, edit in (
            ("in a policy that is there", "staging", add_item(_ALLOW, f"spec.0.{direction}", opening)),
            ("in a first policy", "staging, first plan", add_item(_ALLOW, f"spec.0.{direction}", opening)),
        )
        # Pods in one namespace can use every port among themselves anyway, and a new namespace is empty.
        if (title, on) != ("in on every port", "staging")
    ),
    *(
        attack(title, "staging", "network-policy", *edits)
        for title, edits in (
            ("a further policy", [add("kubernetes_network_policy_v1.x", _policy(ingress=[{}]))]),
            (
                "a further policy, imported",
                [add("kubernetes_network_policy_v1.x", _policy(ingress=[{}]), imported="a/b")],
            ),
            ("a further policy of another version", [add("kubernetes_network_policy.x", _policy(ingress=[{}]))]),
            ("the policy that denies goes", [remove(_DENY)]),
            ("the policy that denies is forgotten", [remove(_DENY, "forget")]),
            ("the policy that denies is made anew", [replace(_DENY)]),
            ("the policy that denies selects some", [put(_DENY, "spec.0.pod_selector.0.match_labels", {"a": "b"})]),
            ("the selector is unknown", [mark(_DENY, "spec.0.pod_selector", "unknown")]),
            ("the policy limits one direction", [put(_DENY, "spec.0.policy_types", ["Ingress"])]),
            ("the directions are unknown", [mark(_ALLOW, "spec.0.ingress", "unknown")]),
            ("the sources are hidden", [mark(_ALLOW, "spec.0.ingress.0.from", "hidden")]),
            ("a port is unknown", [mark(_ALLOW, "spec.0.ingress.0.ports", "unknown")]),
        )
    ),
    attack(
        "a first policy that denies selects some",
        "staging, first plan",
        "network-policy",
        put(_DENY, "spec.0.pod_selector.0.match_labels", {"a": "b"}),
    ),
    attack(
        "a first policy that denies limits one direction",
        "staging, first plan",
        "network-policy",
        put(_DENY, "spec.0.policy_types", ["Egress"]),
    ),
    attack(
        "a first policy has sources that are unknown",
        "staging, first plan",
        "network-policy",
        mark(_ALLOW, "spec.0.ingress.1.from", "unknown"),
    ),
    *(
        attack(f"{title}, in {on}", on, "pod-security", edit)
        for on in ("staging", "staging, first plan")
        for title, edit in (
            ("privileged pods", put(_NAMESPACE, f"{_LABELS}~enforce", "privileged")),
            ("no labels", drop(_NAMESPACE, "metadata.0.labels")),
            ("unknown labels", mark(_NAMESPACE, "metadata.0.labels", "unknown")),
            ("hidden labels", mark(_NAMESPACE, "metadata.0.labels", "hidden")),
            ("an old version", put(_NAMESPACE, f"{_LABELS}~enforce-version", "v1.24")),
            ("no audit", put(_NAMESPACE, f"{_LABELS}~audit", "privileged")),
        )
    ),
    *(
        attack(f"{title}, in {on}", on, "quota", edit)
        for on in ("staging", "staging, first plan")
        for title, edit in (
            ("a larger quota than the settings'", put(_QUOTA, "spec/0/hard/limits.cpu", "800")),
            ("a quota that is no quantity", put(_QUOTA, "spec/0/hard/limits.cpu", "many")),
            ("a quota without pods", drop(_QUOTA, "spec/0/hard/pods")),
            ("a quota without limits", drop(_QUOTA, "spec/0/hard")),
            ("an unknown quota", mark(_QUOTA, "spec/0/hard", "unknown")),
            ("a quota for some pods", put(_QUOTA, "spec/0/scopes", ["BestEffort"])),
            ("a quota for some classes", put(_QUOTA, "spec/0/scope_selector", [{"match_expression": []}])),
        )
    ),
    attack("the quota goes", "staging", "quota", remove(_QUOTA)),
    attack("the quota is forgotten", "staging", "quota", remove(_QUOTA, "forget")),
    attack("the quota is made anew", "staging", "quota", replace(_QUOTA)),
    attack("the default limits go", "staging", "quota", remove(_LIMITS)),
)
