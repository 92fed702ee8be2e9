"""Rules of the local load balancer swap priorities in one request, and keep them if it is refused."""

from collections.abc import Iterator
from typing import Any

import pytest

from local.aws.clients import AwsClients


@pytest.fixture
def listener(aws: AwsClients) -> Iterator[str]:
    subnets = [it["SubnetId"] for it in aws.ec2.describe_subnets()["Subnets"]][:2]
    made = aws.elbv2.create_load_balancer(Name="rule-priorities", Subnets=subnets)["LoadBalancers"][0]
    action: Any = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}
    arn = aws.elbv2.create_listener(
        LoadBalancerArn=made["LoadBalancerArn"], Protocol="HTTP", Port=80, DefaultActions=[action]
    )["Listeners"][0]["ListenerArn"]
    for priority in (1, 2, 3):
        aws.elbv2.create_rule(
            ListenerArn=arn,
            Priority=priority,
            Conditions=[{"Field": "host-header", "Values": [f"h{priority}.example.com"]}],
            Actions=[action],
        )
    yield arn
    aws.elbv2.delete_load_balancer(LoadBalancerArn=made["LoadBalancerArn"])


def places(aws: AwsClients, listener: str) -> dict[str, int]:
    """Return the priority of each host's rule."""
    return {
        rule["Conditions"][0]["Values"][0][:2]: int(rule["Priority"])
        for rule in aws.elbv2.describe_rules(ListenerArn=listener)["Rules"]
        if not rule["IsDefault"]
    }


def move(aws: AwsClients, listener: str, **to: int) -> None:
    rules = {
        rule["Conditions"][0]["Values"][0][:2]: rule["RuleArn"]
        for rule in aws.elbv2.describe_rules(ListenerArn=listener)["Rules"]
        if not rule["IsDefault"]
    }
    aws.elbv2.set_rule_priorities(
        RulePriorities=[{"RuleArn": rules[host], "Priority": priority} for host, priority in to.items()]
    )


@pytest.mark.parametrize("to", [{"h1": 2, "h2": 3, "h3": 4}, {"h1": 3, "h2": 1, "h3": 2}, {"h1": 2, "h2": 1}])
def test_rules_swap_priorities(aws: AwsClients, listener: str, to: dict[str, int]) -> None:
    move(aws, listener, **to)
    assert places(aws, listener) == {"h1": 1, "h2": 2, "h3": 3, **to}


def test_the_priority_of_an_unchanged_rule_is_refused(aws: AwsClients, listener: str) -> None:
    with pytest.raises(aws.elbv2.exceptions.PriorityInUseException):
        move(aws, listener, h1=2, h2=3)
    assert places(aws, listener) == {"h1": 1, "h2": 2, "h3": 3}
