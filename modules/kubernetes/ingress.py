"""The public hosts of an application on the shared load balancer."""

import json
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

from environments.applications import HealthCheck

_DNS_TTL_SECONDS = 300


class Ingress(Construct):
    """An ingress in the shared group of the AWS Load Balancer Controller.

    name, namespace, labels: of the object. hosts: public names, each with every path. service, port: where they lead.
    ingress_class, group, order: the controller's class, its IngressGroup, and this ingress's place among its rules.
    certificate_arn: a reference. health_check: of the target group.

    Only rule-level annotations: whatever concerns the load balancer itself (tags, attributes, access logs) is its
    owner's, and one environment setting it breaks every other (kubernetes-sigs/aws-load-balancer-controller#1986).
    The listeners' ports, the redirect and the scheme must be equal throughout the group, and are.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        name: str,
        namespace: str,
        labels: Mapping[str, str],
        hosts: Sequence[str],
        service: str,
        port: int,
        ingress_class: str,
        group: str,
        order: int,
        certificate_arn: str,
        health_check: HealthCheck,
    ) -> None:
        super().__init__(scope, id_)
        protocol_version = health_check.protocol_version
        load_balancer = {
            "scheme": "internet-facing",
            "target-type": "ip",
            "listen-ports": json.dumps([{"HTTP": 80}, {"HTTPS": 443}]),
            "ssl-redirect": "443",
            "certificate-arn": certificate_arn,
            "group.name": group,
            "group.order": str(order),
            "healthcheck-path": health_check.path,
            "healthcheck-interval-seconds": str(health_check.interval),
            "healthcheck-timeout-seconds": str(health_check.timeout),
            "healthy-threshold-count": str(health_check.healthy_threshold),
            "unhealthy-threshold-count": str(health_check.unhealthy_threshold),
            "success-codes": health_check.success_codes,
            **({"backend-protocol-version": protocol_version} if protocol_version else {}),
        }
        dns = {"hostname": ",".join(hosts), "ttl": str(_DNS_TTL_SECONDS)}
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
            metadata=IngressV1Metadata(
                name=name,
                namespace=namespace,
                labels=labels,
                annotations={
                    **{f"alb.ingress.kubernetes.io/{key}": value for key, value in load_balancer.items()},
                    **{f"external-dns.alpha.kubernetes.io/{key}": value for key, value in dns.items()},
                },
            ),
            spec=IngressV1Spec(
                ingress_class_name=ingress_class,
                rule=[IngressV1SpecRule(host=host, http=IngressV1SpecRuleHttp(path=[path])) for host in hosts],
            ),
            wait_for_load_balancer=False,
        )
