"""The load balancer that ingresses join, or the subnets in which the environment's own is going to be."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from delivery.account.error import CheckError
from delivery.doctor.examination import Examination
from delivery.doctor.finding import Fact, Finding, Once, fine, in_the_way

if TYPE_CHECKING:
    from mypy_boto3_elbv2.type_defs import LoadBalancerTypeDef

_STACK, _CLUSTER = "ingress.k8s.aws/stack", "elbv2.k8s.aws/cluster"
_PUBLIC = "kubernetes.io/role/elb"
# The API describes the tags of so many at once.
_AT_ONCE = 20


def facts(examination: Examination) -> Iterator[Fact]:
    """The shared load balancer; with ``alb="own"`` the public subnets."""
    if examination.target.environment.alb == "own":
        yield Fact(
            name="public subnets",
            settings=f"tagged {_PUBLIC} in the cluster's VPC",
            read=lambda: _public_subnets(examination),
            quick=True,
        )
        return
    tagged = Once(lambda: _tagged(examination))
    group = examination.target.shared.load_balancer_group
    yield Fact(
        name="load balancer",
        settings=f"an internet-facing ALB of group {group}",
        read=lambda: _load_balancer(examination, tagged()),
        quick=True,
    )


def _tagged(examination: Examination) -> "list[tuple[LoadBalancerTypeDef, dict[str, str]]]":
    """Every load balancer of the cluster's controller, with its tags. Raises CheckError where there is no cluster."""
    try:
        of_cluster = examination.target.cluster["name"]
    except examination.target.eks.exceptions.ResourceNotFoundException:
        raise CheckError("there is no cluster whose controller could have created it") from None
    elbv2 = examination.target.elbv2
    found = [row for page in elbv2.get_paginator("describe_load_balancers").paginate() for row in page["LoadBalancers"]]
    tags = {
        description["ResourceArn"]: {tag["Key"]: tag.get("Value", "") for tag in description["Tags"]}
        for first in range(0, len(found), _AT_ONCE)
        for description in elbv2.describe_tags(
            ResourceArns=[row["LoadBalancerArn"] for row in found[first : first + _AT_ONCE]]
        )["TagDescriptions"]
    }
    return [
        (row, tags[row["LoadBalancerArn"]])
        for row in found
        if tags.get(row["LoadBalancerArn"], {}).get(_CLUSTER) == of_cluster
    ]


def _load_balancer(examination: Examination, balancers: "list[tuple[LoadBalancerTypeDef, dict[str, str]]]") -> Finding:
    shared = examination.target.shared
    own = [balancer for balancer, tags in balancers if tags.get(_STACK) == shared.load_balancer_group]
    if len(own) != 1:
        groups = sorted({tags[_STACK] for _, tags in balancers if _STACK in tags} - {shared.load_balancer_group})
        lines = [f'load_balancer_group="{group}" in environments/shared.py' for group in groups]
        order = "" if own else ", and the controller makes one with the group's first ingress, not before"
        return in_the_way(
            f"{len(own) or 'none'} of that group{order}; other groups: {', '.join(groups) or 'none'}",
            " or ".join([*lines, f'alb="own" in {examination.environment_file}']),
        )
    (balancer,) = own
    name, subnets = balancer["LoadBalancerName"], balancer.get("AvailabilityZones", [])
    if balancer["Type"] != "application" or balancer["Scheme"] != "internet-facing" or not subnets:
        return in_the_way(
            f"{name} is {balancer['Scheme']}, {balancer['Type']}, in {len(subnets)} subnets",
            f'load_balancer_group in environments/shared.py, or alb="own" in {examination.environment_file}',
        )
    return fine(f"{name} in {len(subnets)} subnets")


def _public_subnets(examination: Examination) -> Finding:
    target = examination.target
    vpc = target.cluster["resourcesVpcConfig"]["vpcId"]
    subnets = target.ec2.describe_subnets(
        Filters=[{"Name": "vpc-id", "Values": [vpc]}, {"Name": f"tag:{_PUBLIC}", "Values": ["1", ""]}]
    )["Subnets"]
    # A load balancer is in two zones at least.
    zones = {subnet["AvailabilityZone"] for subnet in subnets}
    if len(zones) < 2:
        return in_the_way(
            f"{len(subnets)} in {vpc}, in {len(zones)} zones; an ALB needs two",
            f"aws ec2 create-tags --region {target.shared.region} --resources SUBNET ... --tags Key={_PUBLIC},Value=1",
        )
    return fine(f"{len(subnets)} in {vpc}")
