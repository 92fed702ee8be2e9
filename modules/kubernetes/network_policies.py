"""Which traffic an environment's pods may send and receive: nothing, but for what is named here."""

from collections.abc import Mapping, Sequence

from cdktf_cdktf_provider_kubernetes.network_policy_v1 import (
    NetworkPolicyV1,
    NetworkPolicyV1Metadata,
    NetworkPolicyV1Spec,
    NetworkPolicyV1SpecEgress,
    NetworkPolicyV1SpecEgressPorts,
    NetworkPolicyV1SpecEgressTo,
    NetworkPolicyV1SpecEgressToIpBlock,
    NetworkPolicyV1SpecEgressToNamespaceSelector,
    NetworkPolicyV1SpecEgressToPodSelector,
    NetworkPolicyV1SpecIngress,
    NetworkPolicyV1SpecIngressFrom,
    NetworkPolicyV1SpecIngressFromNamespaceSelector,
    NetworkPolicyV1SpecIngressFromPodSelector,
    NetworkPolicyV1SpecIngressPorts,
    NetworkPolicyV1SpecPodSelector,
)
from constructs import Construct

from environments.schema.connection import Connection
from environments.schema.neighbour import Neighbour
from modules.aws.shared_infrastructure import SharedInfrastructure
from modules.model.link_local import LINK_LOCAL
from modules.model.names import ALLOW, DEFAULT_DENY
from modules.model.neighbours import policy_name
from modules.model.tags import namespace_labels

# The place of the rule in the policy.
_DATABASE = 2


class NetworkPolicies(Construct):
    """Network policies that deny everything to every pod of a namespace, and allow what an environment needs.

    Allowed out: DNS, HTTPS to addresses outside the VPC (AWS, Google) and to the networks that the settings name inside
    it, PostgreSQL to the database server's subnets, and this namespace. Allowed in: the load balancer's subnets and
    this namespace. The policies select every pod with an empty selector, because a selector by label would miss a pod
    without that label.

    The policies name subnets and not the VPC. On EKS pods have addresses of the VPC, so its range would include the
    pods of every other environment.

    Args:
        namespace: namespace of the policies.
        labels: labels of the policies.
        container_port: TCP port that the applications listen on.
        connections: further connections of the environment's pods.
        neighbours: somebody else's pods in the namespace; each gets a policy for its own connections.
        shared: the network and the database server.

    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        namespace: str,
        labels: Mapping[str, str],
        container_port: int,
        connections: Sequence[Connection],
        neighbours: Sequence[Neighbour] = (),
        shared: SharedInfrastructure,
    ) -> None:
        super().__init__(scope, id_)
        port = str(container_port)
        NetworkPolicyV1(
            self,
            "default-deny",
            metadata=NetworkPolicyV1Metadata(name=DEFAULT_DENY, namespace=namespace, labels=labels),
            spec=NetworkPolicyV1Spec(pod_selector=NetworkPolicyV1SpecPodSelector(), policy_types=["Ingress", "Egress"]),
        )
        # Of the pods themselves, then of the load balancer, then of others.
        incoming = (
            Connection(direction="in", peer="own namespace", port=container_port),
            Connection(direction="in", peer="load balancer", port=container_port),
            *(connection for connection in connections if not _is_out(connection)),
        )
        allow = NetworkPolicyV1(
            self,
            "allow",
            metadata=NetworkPolicyV1Metadata(name=ALLOW, namespace=namespace, labels=labels),
            spec=NetworkPolicyV1Spec(
                pod_selector=NetworkPolicyV1SpecPodSelector(),
                policy_types=["Ingress", "Egress"],
                ingress=[_incoming(connection) for connection in incoming],
                egress=[
                    NetworkPolicyV1SpecEgress(
                        to=[
                            NetworkPolicyV1SpecEgressTo(
                                namespace_selector=NetworkPolicyV1SpecEgressToNamespaceSelector(
                                    match_labels=namespace_labels("kube-system")
                                ),
                                pod_selector=NetworkPolicyV1SpecEgressToPodSelector(
                                    match_labels={"k8s-app": "kube-dns"}
                                ),
                            )
                        ],
                        ports=[
                            NetworkPolicyV1SpecEgressPorts(protocol=protocol, port="53") for protocol in ("UDP", "TCP")
                        ],
                    ),
                    NetworkPolicyV1SpecEgress(
                        to=[
                            NetworkPolicyV1SpecEgressTo(
                                ip_block=NetworkPolicyV1SpecEgressToIpBlock(
                                    cidr="0.0.0.0/0", except_=[shared.vpc_cidr, shared.service_cidr, LINK_LOCAL]
                                )
                            ),
                            *(
                                NetworkPolicyV1SpecEgressTo(ip_block=NetworkPolicyV1SpecEgressToIpBlock(cidr=network))
                                for network in shared.https_in_vpc
                            ),
                        ],
                        ports=[NetworkPolicyV1SpecEgressPorts(protocol="TCP", port="443")],
                    ),
                    # To the database server's subnets, which are written into it below.
                    NetworkPolicyV1SpecEgress(
                        ports=[
                            NetworkPolicyV1SpecEgressPorts(
                                protocol="TCP", port=f"${{{shared.database_port_expression}}}"
                            )
                        ],
                    ),
                    NetworkPolicyV1SpecEgress(
                        to=[NetworkPolicyV1SpecEgressTo(pod_selector=NetworkPolicyV1SpecEgressToPodSelector())],
                        ports=[NetworkPolicyV1SpecEgressPorts(protocol="TCP", port=port)],
                    ),
                    *(_outgoing(connection, vpc=shared.vpc_cidr) for connection in connections if _is_out(connection)),
                    *(
                        _outgoing(connection, vpc=shared.vpc_cidr, labels=neighbour.labels)
                        for neighbour in neighbours
                        for connection in neighbour.connections
                        if not _is_out(connection) and connection.peer == "own namespace"
                    ),
                ],
            ),
        )
        _admit_load_balancer(allow, incoming, shared)
        _name_subnets(allow, f"egress.{_DATABASE}", "to", shared.database_subnets)
        for neighbour in neighbours:
            if neighbour.connections:
                self._open(neighbour, namespace=namespace, labels=labels, shared=shared)

    def _open(
        self, neighbour: Neighbour, *, namespace: str, labels: Mapping[str, str], shared: SharedInfrastructure
    ) -> None:
        """Let a neighbour's pods listen and connect, in addition to the policies for every pod."""
        name = policy_name(neighbour)
        incoming = [connection for connection in neighbour.connections if not _is_out(connection)]
        policy = NetworkPolicyV1(
            self,
            name,
            metadata=NetworkPolicyV1Metadata(name=name, namespace=namespace, labels=labels),
            spec=NetworkPolicyV1Spec(
                pod_selector=NetworkPolicyV1SpecPodSelector(match_labels=neighbour.labels),
                policy_types=["Ingress", "Egress"],
                ingress=[_incoming(connection) for connection in incoming],
                egress=[
                    _outgoing(connection, vpc=shared.vpc_cidr)
                    for connection in neighbour.connections
                    if _is_out(connection)
                ],
            ),
        )
        _admit_load_balancer(policy, incoming, shared)


def _is_out(connection: Connection) -> bool:
    return connection.direction == "out"


def _admit_load_balancer(policy: NetworkPolicyV1, incoming: Sequence[Connection], shared: SharedInfrastructure) -> None:
    """Write its subnets into the rules that have no source yet."""
    for index, connection in enumerate(incoming):
        if connection.peer == "load balancer":
            _name_subnets(policy, f"ingress.{index}", "from", shared.load_balancer_subnets)


def _name_subnets(policy: NetworkPolicyV1, rule: str, side: str, subnets: str) -> None:
    """Write subnets, of which only Terraform knows how many there are, into a rule that names no other side yet."""
    content = {"ip_block": {"cidr": f"${{{side}.value.cidr_block}}"}}
    policy.add_override(f"spec.{rule}.dynamic", {side: {"for_each": f"${{{subnets}}}", "content": content}})


def _incoming(connection: Connection) -> NetworkPolicyV1SpecIngress:
    ports = [NetworkPolicyV1SpecIngressPorts(protocol="TCP", port=str(connection.port))]
    if connection.peer == "load balancer":
        return NetworkPolicyV1SpecIngress(ports=ports)
    if connection.namespace:
        source = NetworkPolicyV1SpecIngressFrom(
            namespace_selector=NetworkPolicyV1SpecIngressFromNamespaceSelector(
                match_labels=namespace_labels(connection.namespace)
            )
        )
    else:
        source = NetworkPolicyV1SpecIngressFrom(pod_selector=NetworkPolicyV1SpecIngressFromPodSelector())
    return NetworkPolicyV1SpecIngress(from_=[source], ports=ports)


def _outgoing(
    connection: Connection, *, vpc: str, labels: Mapping[str, str] | None = None
) -> NetworkPolicyV1SpecEgress:
    """labels: of the only pods of the own namespace that are meant."""
    if connection.namespace:
        destination = NetworkPolicyV1SpecEgressTo(
            namespace_selector=NetworkPolicyV1SpecEgressToNamespaceSelector(
                match_labels=namespace_labels(connection.namespace)
            )
        )
    elif connection.peer == "vpc":
        destination = NetworkPolicyV1SpecEgressTo(ip_block=NetworkPolicyV1SpecEgressToIpBlock(cidr=vpc))
    else:
        destination = NetworkPolicyV1SpecEgressTo(
            pod_selector=NetworkPolicyV1SpecEgressToPodSelector(match_labels=labels)
        )
    return NetworkPolicyV1SpecEgress(
        to=[destination], ports=[NetworkPolicyV1SpecEgressPorts(protocol="TCP", port=str(connection.port))]
    )
