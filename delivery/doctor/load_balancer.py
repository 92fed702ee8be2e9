"""The load balancer that ingresses join, or the subnets for the environment's own one."""

from collections.abc import Iterator

from delivery.account.error import CheckError
from delivery.account.load_balancer import LoadBalancer, load_balancers
from delivery.doctor.examination import Examination
from delivery.doctor.finding import Fact, Finding, fine, in_the_way

_PUBLIC = "kubernetes.io/role/elb"


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
    group = examination.target.shared.load_balancer_group
    yield Fact(
        name="load balancer",
        settings=f"an internet-facing ALB of group {group}",
        read=lambda: _load_balancer(examination),
        quick=True,
    )


def balancers(examination: Examination) -> list[LoadBalancer]:
    """Every load balancer of the cluster's controller. Raises CheckError if there is no cluster."""
    target = examination.target
    try:
        cluster = target.cluster["name"]
    except target.eks.exceptions.ResourceNotFoundException:
        raise CheckError("there is no cluster with a controller that could create it") from None
    return load_balancers(target.elbv2, cluster)


def _load_balancer(examination: Examination) -> Finding:
    group, found = examination.target.shared.load_balancer_group, balancers(examination)
    own = [balancer for balancer in found if balancer.group == group]
    or_own = f'alb="own" in {examination.environment_file}'
    if len(own) != 1:
        groups = sorted({balancer.group for balancer in found if balancer.group} - {group})
        if not groups and not own:
            # A plan reads its subnets, and only an ingress makes the controller create it.
            return in_the_way(
                "none of that group or any other",
                f"the controller creates it for the first ingress of group {group}: the owner of production deploys "
                f"its ingresses first; or {or_own}",
            )
        lines = [f'load_balancer_group="{group}" in environments/shared.py' for group in groups]
        order = "" if own else ", and the controller creates one only with the group's first ingress"
        return in_the_way(
            f"{len(own) or 'none'} of that group{order}; other groups: {', '.join(groups) or 'none'}",
            " or ".join([*lines, or_own]),
        )
    (balancer,) = own
    if balancer.kind != "application" or balancer.scheme != "internet-facing" or not balancer.subnets:
        return in_the_way(
            f"{balancer.name} is {balancer.scheme}, {balancer.kind}, in {balancer.subnets} subnets",
            f"load_balancer_group in environments/shared.py, or {or_own}",
        )
    return fine(f"{balancer.name} in {balancer.subnets} subnets")


def _public_subnets(examination: Examination) -> Finding:
    target = examination.target
    vpc = target.cluster["resourcesVpcConfig"]["vpcId"]
    subnets = target.ec2.describe_subnets(
        Filters=[{"Name": "vpc-id", "Values": [vpc]}, {"Name": f"tag:{_PUBLIC}", "Values": ["1", ""]}]
    )["Subnets"]
    # An ALB needs subnets in at least two zones.
    zones = {subnet["AvailabilityZone"] for subnet in subnets}
    if len(zones) < 2:
        return in_the_way(
            f"{len(subnets)} in {vpc}, in {len(zones)} zones; an ALB needs two",
            f"aws ec2 create-tags --region {target.shared.region} --resources SUBNET ... --tags Key={_PUBLIC},Value=1",
        )
    return fine(f"{len(subnets)} in {vpc}")
