"""The public hosts of an application on a load balancer."""

from collections.abc import Mapping, Sequence

from cdktf_cdktf_provider_kubernetes.ingress_v1 import (
    IngressV1,
    IngressV1Metadata,
    IngressV1Spec,
    IngressV1SpecRule,
    IngressV1SpecRuleHttp,
    IngressV1SpecRuleHttpPath,
    IngressV1SpecRuleHttpPathBackend,
    IngressV1SpecRuleHttpPathBackendService,
    IngressV1SpecRuleHttpPathBackendServicePort,
)
from constructs import Construct


class Ingress(Construct):
    """An ingress in a group of the AWS Load Balancer Controller.

    Args:
        name: name of the object.
        namespace: namespace of the object.
        labels: labels of the object.
        annotations: annotations for the controller (`ingress_annotations.py`).
        hosts: public host names; each routes every path.
        service: name of the service that gets the requests.
        port: port of the service.
        ingress_class: ingress class of the controller.

    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        name: str,
        namespace: str,
        labels: Mapping[str, str],
        annotations: Mapping[str, str],
        hosts: Sequence[str],
        service: str,
        port: int,
        ingress_class: str,
    ) -> None:
        super().__init__(scope, id_)
        path = IngressV1SpecRuleHttpPath(
            path="/",
            path_type="Prefix",
            backend=IngressV1SpecRuleHttpPathBackend(
                service=IngressV1SpecRuleHttpPathBackendService(
                    name=service, port=IngressV1SpecRuleHttpPathBackendServicePort(number=port)
                )
            ),
        )
        IngressV1(
            self,
            "resource",
            metadata=IngressV1Metadata(name=name, namespace=namespace, labels=labels, annotations=annotations),
            spec=IngressV1Spec(
                ingress_class_name=ingress_class,
                rule=[IngressV1SpecRule(host=host, http=IngressV1SpecRuleHttp(path=[path])) for host in hosts],
            ),
            wait_for_load_balancer=False,
        )
