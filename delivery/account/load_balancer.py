"""The load balancers that the cluster's controller has made of ingresses, with their listeners and rules."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from delivery.account.controller_tags import CLUSTER, GROUP, tags_of
from delivery.account.listener_rule import Condition, Redirect, Rule

if TYPE_CHECKING:
    from mypy_boto3_elbv2 import ElasticLoadBalancingv2Client
    from mypy_boto3_elbv2.type_defs import ActionOutputTypeDef, RuleConditionOutputTypeDef, RuleTypeDef


@dataclass(frozen=True, kw_only=True)
class LoadBalancer:
    """A load balancer. address: its DNS name. group: the IngressGroup that it was made for, or None.

    kind, scheme, state: in ELB's words, such as ``application``, ``internet-facing`` and ``active``.
    subnets: how many it is in.
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
    """A port of a load balancer. protocol: HTTP or HTTPS. tls_policy: the name of its security policy, of HTTPS only.

    certificates: their ARNs, the default one first. rules: all of them, the default one among them.
    """

    port: int
    protocol: str
    tls_policy: str | None
    certificates: tuple[str, ...]
    rules: tuple[Rule, ...]


def load_balancers(elbv2: "ElasticLoadBalancingv2Client", cluster: str) -> list[LoadBalancer]:
    """Every load balancer that the controller of this cluster has made. Raises ClientError."""
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
    """With the default one, which describe_listeners gives alone."""
    pages = elbv2.get_paginator("describe_listener_certificates").paginate(ListenerArn=listener)
    found = [row for page in pages for row in page["Certificates"]]
    found.sort(key=lambda row: not row.get("IsDefault", False))
    # The default one may be there a second time, for clients that name a host.
    return tuple(dict.fromkeys(row["CertificateArn"] for row in found))


def _rules(elbv2: "ElasticLoadBalancingv2Client", listener: str) -> tuple[Rule, ...]:
    pages = elbv2.get_paginator("describe_rules").paginate(ListenerArn=listener)
    return tuple(_rule(row) for page in pages for row in page["Rules"])


def _rule(row: "RuleTypeDef") -> Rule:
    # Whoever logs in first, the last action decides.
    action = row["Actions"][-1]
    redirect = action.get("RedirectConfig") if action["Type"] == "redirect" else None
    return Rule(
        arn=row["RuleArn"],
        priority=None if row["IsDefault"] else int(row["Priority"]),
        conditions=tuple(_condition(condition) for condition in row["Conditions"]),
        kind=action["Type"],
        target_groups=_target_groups(action) if action["Type"] == "forward" else (),
        redirect=Redirect(
            protocol=redirect.get("Protocol", "#{protocol}"),
            host=redirect.get("Host", "#{host}"),
            port=redirect.get("Port", "#{port}"),
            path=redirect.get("Path", "/#{path}"),
            query=redirect.get("Query", "#{query}"),
            status=redirect["StatusCode"],
        )
        if redirect
        else None,
    )


def _target_groups(action: "ActionOutputTypeDef") -> tuple[str, ...]:
    listed = [row["TargetGroupArn"] for row in action.get("ForwardConfig", {}).get("TargetGroups", [])]
    single = [action["TargetGroupArn"]] if "TargetGroupArn" in action else []
    return tuple(dict.fromkeys([*single, *listed]))


def _condition(row: "RuleConditionOutputTypeDef") -> Condition:
    """Only hosts and paths have their values: of any other condition nobody here could say whether it holds."""
    configuration: Mapping[str, list[str]] = row.get("HostHeaderConfig") or row.get("PathPatternConfig") or {}  # type: ignore[assignment]
    # The API repeats the values where it can, and where they were given so it gives these alone.
    values = dict.fromkeys([*configuration.get("Values", []), *row.get("Values", [])])
    return Condition(field=row["Field"], values=tuple(values), regexes=tuple(configuration.get("RegexValues", [])))
