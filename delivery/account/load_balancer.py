"""The load balancers that the cluster's controller created for ingresses, with their listeners and rules."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from delivery.account.controller_tags import CLUSTER, GROUP, tags_of
from modules.model.described_rule import described_rule
from modules.model.listener_rule import Rule

if TYPE_CHECKING:
    from mypy_boto3_elbv2 import ElasticLoadBalancingv2Client


@dataclass(frozen=True, kw_only=True)
class LoadBalancer:
    """A load balancer. address: its DNS name. group: the IngressGroup that it serves, or None.

    kind, scheme, state: ELB's values, such as ``application``, ``internet-facing`` and ``active``.
    subnets: their number.
    """

    arn: str
    name: str
    address: str
    group: str | None
    kind: str
    scheme: str
    state: str
    subnets: int


@dataclass(frozen=True, kw_only=True)
class Listener:
    """A listener of a load balancer. protocol: HTTP or HTTPS. tls_policy: the security policy's name; HTTPS only.

    certificates: their ARNs, the default one first. rules: all of them, including the default one.
    """

    port: int
    protocol: str
    tls_policy: str | None
    certificates: tuple[str, ...]
    rules: tuple[Rule, ...]


def load_balancers(elbv2: "ElasticLoadBalancingv2Client", cluster: str) -> list[LoadBalancer]:
    """Every load balancer that this cluster's controller created. Raises ClientError."""
    found = [row for page in elbv2.get_paginator("describe_load_balancers").paginate() for row in page["LoadBalancers"]]
    tags = tags_of(elbv2, [row["LoadBalancerArn"] for row in found])
    return [
        LoadBalancer(
            arn=row["LoadBalancerArn"],
            name=row["LoadBalancerName"],
            address=row["DNSName"],
            group=own.get(GROUP),
            kind=row["Type"],
            scheme=row["Scheme"],
            state=row["State"]["Code"],
            subnets=len(row.get("AvailabilityZones", [])),
        )
        for row in found
        if (own := tags.get(row["LoadBalancerArn"], {})).get(CLUSTER) == cluster
    ]


def listeners(elbv2: "ElasticLoadBalancingv2Client", balancer: LoadBalancer) -> list[Listener]:
    """The listeners of a load balancer. Raises ClientError."""
    pages = elbv2.get_paginator("describe_listeners").paginate(LoadBalancerArn=balancer.arn)
    return [
        Listener(
            port=row["Port"],
            protocol=row["Protocol"],
            tls_policy=row.get("SslPolicy") if row["Protocol"] == "HTTPS" else None,
            certificates=_certificates(elbv2, row["ListenerArn"]) if row["Protocol"] == "HTTPS" else (),
            rules=_rules(elbv2, row["ListenerArn"]),
        )
        for page in pages
        for row in page["Listeners"]
    ]


def _certificates(elbv2: "ElasticLoadBalancingv2Client", listener: str) -> tuple[str, ...]:
    """All certificates; describe_listeners returns only the default one."""
    pages = elbv2.get_paginator("describe_listener_certificates").paginate(ListenerArn=listener)
    found = [row for page in pages for row in page["Certificates"]]
    found.sort(key=lambda row: not row.get("IsDefault", False))
    # The default certificate may be listed twice: also for clients that send a host name (SNI).
    return tuple(dict.fromkeys(row["CertificateArn"] for row in found))


def _rules(elbv2: "ElasticLoadBalancingv2Client", listener: str) -> tuple[Rule, ...]:
    pages = elbv2.get_paginator("describe_rules").paginate(ListenerArn=listener)
    return tuple(described_rule(row) for page in pages for row in page["Rules"])
