"""The cluster before any environment exists: nodes, the load balancer controller's class, namespaces."""

import threading
from typing import TYPE_CHECKING

from lightkube import Client
from lightkube.models.core_v1 import NodeAddress, NodeSpec, NodeStatus
from lightkube.models.meta_v1 import ObjectMeta
from lightkube.models.networking_v1 import IngressClassSpec
from lightkube.resources.core_v1 import Namespace, Node, ServiceAccount
from lightkube.resources.networking_v1 import IngressClass

from local.aws.clients import AwsClients
from local.kubernetes.client import create_if_absent
from local.runtime.waiting import wait_until
from modules.model.selected_settings import SHARED

if TYPE_CHECKING:
    from mypy_boto3_ec2.type_defs import InstanceTypeDef

_CAPACITY = {"cpu": "8", "memory": "32Gi", "pods": "58", "ephemeral-storage": "80Gi"}
_NAMESPACES = ("argocd", "external-secrets")
_READY_SECONDS = 60


def seed_cluster(client: Client, aws: AwsClients) -> None:
    """Create each of these objects unless its name is taken; one node for each instance of the account."""
    for name in _NAMESPACES:
        create_if_absent(client, Namespace(metadata=ObjectMeta(name=name)))
    for reservation in aws.ec2.describe_instances()["Reservations"]:
        for instance in reservation["Instances"]:
            create_if_absent(client, _node(instance))
    create_if_absent(
        client,
        IngressClass(
            metadata=ObjectMeta(name=SHARED.ingress_class),
            spec=IngressClassSpec(controller="ingress.k8s.aws/alb"),
        ),
    )


def wait_for_nodes(client: Client, cancelled: threading.Event) -> None:
    """Return when pods can be scheduled on every node, and service accounts for them exist.

    Raises:
        LocalCloudError: this takes longer than a minute.

    """

    def problem() -> str | None:
        for node in client.list(Node):
            taints = [taint.key for taint in (node.spec and node.spec.taints) or []]
            if taints:
                return f"{node.metadata and node.metadata.name} has the taints {', '.join(taints)}"
        if not any(account.metadata and account.metadata.name == "default" for account in client.list(ServiceAccount)):
            return "the namespace default has no service account yet"
        return None

    wait_until(problem, what="the nodes accept no pods", seconds=_READY_SECONDS, cancelled=cancelled)


def _node(instance: "InstanceTypeDef") -> Node:
    name, address = instance["PrivateDnsName"], instance["PrivateIpAddress"]
    zone = instance["Placement"]["AvailabilityZone"]
    return Node(
        metadata=ObjectMeta(
            name=name,
            labels={
                "kubernetes.io/arch": "amd64",
                "kubernetes.io/hostname": name,
                "kubernetes.io/os": "linux",
                "node.kubernetes.io/instance-type": instance["InstanceType"],
                "topology.kubernetes.io/region": SHARED.region,
                "topology.kubernetes.io/zone": zone,
            },
        ),
        spec=NodeSpec(providerID=f"aws:///{zone}/{instance['InstanceId']}"),
        # kwok makes it Ready and would give it a thousand processors.
        status=NodeStatus(
            capacity=_CAPACITY,
            allocatable=_CAPACITY,
            addresses=[NodeAddress(address=address, type="InternalIP"), NodeAddress(address=name, type="Hostname")],
        ),
    )
