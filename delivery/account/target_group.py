"""The target groups that the cluster's controller created for Services, and their registered targets."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from delivery.account.controller_tags import CLUSTER, RESOURCE, tags_of

if TYPE_CHECKING:
    from mypy_boto3_elbv2 import ElasticLoadBalancingv2Client
    from mypy_boto3_elbv2.type_defs import TargetHealthDescriptionTypeDef

# ELB's states for a target that is being deregistered:
# https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html
_LEAVING = {"draining", "unhealthy.draining"}


@dataclass(frozen=True, kw_only=True)
class TargetGroup:
    """A target group. owner: NAMESPACE/INGRESS-SERVICE:PORT, from the controller's tag."""

    arn: str
    name: str
    owner: str

    def is_of(self, namespace: str, ingress: str, service: str) -> bool:
        """Whether it was created for this ingress and Service, whatever the port."""
        return self.owner.startswith(f"{namespace}/{ingress}-{service}:")


@dataclass(frozen=True, kw_only=True)
class Target:
    """A registered target. address: a pod's. state, reason: ELB's values, ``unhealthy`` and ``Target.Timeout``."""

    address: str
    port: int
    state: str
    reason: str = ""


def target_groups(elbv2: "ElasticLoadBalancingv2Client", cluster: str) -> dict[str, TargetGroup]:
    """Every target group that this cluster's controller created for an ingress, by ARN. Raises ClientError."""
    pages = elbv2.get_paginator("describe_target_groups").paginate()
    names = {row["TargetGroupArn"]: row["TargetGroupName"] for page in pages for row in page["TargetGroups"]}
    tags = tags_of(elbv2, list(names))
    return {
        arn: TargetGroup(arn=arn, name=name, owner=own[RESOURCE])
        for arn, name in names.items()
        if (own := tags.get(arn, {})).get(CLUSTER) == cluster and RESOURCE in own
    }


def targets(elbv2: "ElasticLoadBalancingv2Client", group: TargetGroup) -> list[Target]:
    """The targets of a group, without those being deregistered. Raises ClientError."""
    return registered(elbv2.describe_target_health(TargetGroupArn=group.arn)["TargetHealthDescriptions"])


def registered(found: "Iterable[TargetHealthDescriptionTypeDef]") -> list[Target]:
    """The targets in ELB's description of a group, without those being deregistered."""
    return [
        Target(
            address=row["Target"]["Id"],
            port=row["Target"].get("Port", 0),
            state=row["TargetHealth"]["State"],
            reason=row["TargetHealth"].get("Reason", ""),
        )
        for row in found
        if row["TargetHealth"]["State"] not in _LEAVING
    ]
