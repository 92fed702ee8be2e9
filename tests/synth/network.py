"""Decides which connections the synthesized NetworkPolicies allow, by Kubernetes' definition.

Source: https://kubernetes.io/docs/concepts/services-networking/network-policies/
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network
from typing import Any

from tests.synth.template import Body, Template

# The load balancer and the database have their own subnets; on EKS, pods have addresses in the VPC.
VPC = IPv4Network("10.20.0.0/16")
LOAD_BALANCER_SUBNETS = (IPv4Network("10.20.0.0/24"), IPv4Network("10.20.1.0/24"))
DATABASE_SUBNETS = (IPv4Network("10.20.64.0/24"), IPv4Network("10.20.65.0/24"))
SERVICES = IPv4Network("172.20.0.0/16")
POSTGRESQL_PORT = 5432
# Values that Terraform reads from the account, by the synthesized policies' references.
_KNOWN_AT_PLAN = {
    "${data.aws_vpc.shared_vpc.cidr_block}": str(VPC),
    "${data.aws_rds_cluster.shared_rds_cluster.port}": str(POSTGRESQL_PORT),
    "${data.aws_eks_cluster.shared_cluster.kubernetes_network_config[0].service_ipv4_cidr}": str(SERVICES),
}
# The side of a rule that Terraform fills in, with its value.
_SUBNETS = {
    "from": ("${data.aws_subnet.shared_load_balancer_subnet}", LOAD_BALANCER_SUBNETS),
    "to": ("${data.aws_subnet.shared_database_subnet}", DATABASE_SUBNETS),
}


@dataclass(frozen=True)
class End:
    """One end of a connection: a pod, or any other address if it has no namespace."""

    address: IPv4Address
    namespace: str | None = None
    labels: dict[str, str] = field(default_factory=dict)

    @property
    def namespace_labels(self) -> dict[str, str]:
        return {"kubernetes.io/metadata.name": self.namespace} if self.namespace else {}


@dataclass(frozen=True)
class Policy:
    namespace: str
    spec: Body

    def selects(self, end: End) -> bool:
        return end.namespace == self.namespace and _matches(self.spec["pod_selector"], end.labels)

    def admits(self, direction: str, peer: End, port: int, protocol: str) -> bool:
        """Whether one of the rules for a direction ("ingress", "egress") allows this peer on this port."""
        side = "from" if direction == "ingress" else "to"
        return any(
            self._is_peer(rule, side, peer) and _is_port(rule, port, protocol) for rule in self.spec.get(direction, [])
        )

    def _is_peer(self, rule: Body, side: str, peer: End) -> bool:
        peers = list(_peers(rule, side))
        # A rule without peers allows everybody.
        return not peers or any(self._matches_peer(item, peer) for item in peers)

    def _matches_peer(self, item: Body, peer: End) -> bool:
        if "ip_block" in item:
            assert set(item) == {"ip_block"}
            block = item["ip_block"]
            assert set(block) <= {"cidr", "except"}
            return peer.address in IPv4Network(_known(block["cidr"])) and not any(
                peer.address in IPv4Network(_known(excepted)) for excepted in block.get("except") or []
            )
        if peer.namespace is None:
            return False
        if "namespace_selector" in item:
            right_namespace = _matches(item["namespace_selector"], peer.namespace_labels)
        else:
            right_namespace = peer.namespace == self.namespace
        return right_namespace and _matches(item.get("pod_selector", {}), peer.labels)


@dataclass(frozen=True)
class Policies:
    policies: tuple[Policy, ...]

    @classmethod
    def of(cls, *templates: Template) -> "Policies":
        return cls(
            tuple(
                Policy(namespace=template.resolve(body["metadata"]["namespace"]), spec=body["spec"])
                for template in templates
                for body in template.all("kubernetes_network_policy_v1").values()
            )
        )

    def allow(self, source: End, destination: End, port: int, protocol: str = "TCP") -> bool:
        """Whether a connection passes the source's egress and the destination's ingress rules."""
        return self._passes("egress", source, destination, port, protocol) and self._passes(
            "ingress", destination, source, port, protocol
        )

    def _passes(self, direction: str, end: End, peer: End, port: int, protocol: str) -> bool:
        kind = direction.capitalize()
        concerned = [policy for policy in self.policies if policy.selects(end) and kind in policy.spec["policy_types"]]
        return not concerned or any(policy.admits(direction, peer, port, protocol) for policy in concerned)

    @property
    def ports(self) -> set[int]:
        """Every port in any rule."""
        return {
            int(_known(port["port"]))
            for policy in self.policies
            for direction in ("ingress", "egress")
            for rule in policy.spec.get(direction, [])
            for port in rule.get("ports", [])
        }


def pods(template: Template) -> list[End]:
    """A pod of each Deployment and Job, with a VPC address outside the load balancer's subnets."""
    bodies = [*template.some("kubernetes_deployment_v1").values(), *template.some("kubernetes_job_v1").values()]
    return [
        End(
            address=VPC[128 * 256 + number],
            namespace=template.resolve(body["metadata"]["namespace"]),
            labels=body["spec"]["template"]["metadata"]["labels"],
        )
        for number, body in enumerate(bodies)
    ]


def _peers(rule: Body, side: str) -> Iterator[Body]:
    yield from rule.get(side, [])
    if "dynamic" in rule:
        source, subnets = _SUBNETS[side]
        content = {"ip_block": {"cidr": f"${{{side}.value.cidr_block}}"}}
        assert rule["dynamic"] == {side: {"for_each": source, "content": content}}
        yield from ({"ip_block": {"cidr": str(subnet)}} for subnet in subnets)


def _is_port(rule: Body, port: int, protocol: str) -> bool:
    ports = rule.get("ports", [])
    return not ports or any(int(_known(item["port"])) == port and item["protocol"] == protocol for item in ports)


def _matches(selector: dict[str, Any], labels: dict[str, str]) -> bool:
    assert set(selector) <= {"match_labels"}, "expressions are not evaluated here"
    wanted: dict[str, str] = selector.get("match_labels", {})
    return wanted.items() <= labels.items()


def _known(text: str) -> str:
    return _KNOWN_AT_PLAN.get(text, text)
