"""The stable address of an application inside the cluster."""

from collections.abc import Mapping

from cdktf_cdktf_provider_kubernetes.service_v1 import (
    ServiceV1,
    ServiceV1Metadata,
    ServiceV1Spec,
    ServiceV1SpecPort,
)
from constructs import Construct


class Service(Construct):
    """A ClusterIP service over TCP: the stable address of an application inside the cluster.

    Args:
        name: name of the object.
        namespace: namespace of the object.
        labels: labels of the object.
        selector: labels of the application's pods.
        port: port of the service.
        target_port: port of the pods.

    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        name: str,
        namespace: str,
        labels: Mapping[str, str],
        selector: Mapping[str, str],
        port: int,
        target_port: int,
    ) -> None:
        super().__init__(scope, id_)
        ServiceV1(
            self,
            "resource",
            metadata=ServiceV1Metadata(name=name, namespace=namespace, labels=labels),
            spec=ServiceV1Spec(
                type="ClusterIP",
                selector=selector,
                port=[ServiceV1SpecPort(name="http", protocol="TCP", port=port, target_port=str(target_port))],
            ),
            wait_for_load_balancer=False,
        )
