"""Translates a request to EC2, Elastic Load Balancing or Route 53 into IAM's terms, with the tags that policies check.

Tags decide there what a load balancer controller may touch: those in a request, those on an object, and, for objects
created with tags, the action that creates them. In these services read requests have no resource, except the one that
reads a VPC's attribute.
https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html
https://docs.aws.amazon.com/service-authorization/latest/reference/list_awselasticloadbalancingv2.html
https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonroute53.html
"""

from collections.abc import Iterator, Mapping
from typing import Any

from moto.core.responses import BaseResponse
from moto.ec2.models import ec2_backends
from moto.elbv2.models import elbv2_backends

from modules.model.selected_settings import SHARED

EC2, LOAD_BALANCING, ROUTE53 = "ec2", "elasticloadbalancing", "route53"
TAGGED = (EC2, LOAD_BALANCING)
REQUEST_TAG, RESOURCE_TAG = "aws:requesttag/", "aws:resourcetag/"

_HERE = f"{SHARED.region}:{SHARED.account}"
_BALANCING_ARN = f"arn:aws:{LOAD_BALANCING}:{_HERE}:"
_READS = ("Describe", "Get", "List")
# Stands for the unknown part of an ARN that does not exist yet.
_NEW = "?" * 16
_EC2_KINDS = {"sg": "security-group", "subnet": "subnet", "vpc": "vpc", "i": "instance", "rtb": "route-table"}
_TAGGING = {EC2: "CreateTags", LOAD_BALANCING: "AddTags"}


def tagged_permissions(service: str, action: str, response: BaseResponse) -> Iterator[tuple[str, str]]:
    """Yield each action that a request to one of these services needs, with the ARN that it needs it on.

    action: the request's own, without the service. Creating something with tags also needs the tagging action.
    """
    objects = {EC2: _ec2_objects, LOAD_BALANCING: _balancing_objects, ROUTE53: _route53_objects}[service]
    for arn in objects(action, response) or ["*"]:
        yield f"{service}:{action}", arn
        if action.startswith("Create") and action != _TAGGING.get(service) and _given_tags(response):
            yield f"{service}:{_TAGGING[service]}", _created(action, arn)


def tag_keys(service: str, response: BaseResponse, permission: str, resource: str) -> dict[str, list[str]]:
    """Return the tag condition keys for one permission that a request needs, with their values.

    A key that ends in a slash stands for all of its kind: a tag that the request or object lacks has no value.
    """
    keys: dict[str, list[str]] = {REQUEST_TAG: [], RESOURCE_TAG: []}
    action = response._get_action()  # noqa: SLF001 moto has no public name for it
    if not action.startswith(("Remove", "Delete")):
        keys |= {f"{REQUEST_TAG}{key}".lower(): [value] for key, value in _given_tags(response).items()}
    keys |= {f"{RESOURCE_TAG}{key}".lower(): [value] for key, value in _own_tags(service, resource).items()}
    return keys | {f"{service}:createaction": [action] if permission != f"{service}:{action}" else []}


def _ec2_objects(action: str, response: BaseResponse) -> list[str]:
    if action == "DescribeVpcAttribute":
        return [_ec2_arn(_parameter(response, "VpcId"))]
    if action.startswith(_READS):
        return []
    if action == "CreateSecurityGroup":
        return [_ec2_arn("sg-" + _NEW)]
    group = _parameter(response, "GroupId")
    return [_ec2_arn(identifier) for identifier in _parameter(response, "Resources") or ([group] if group else [])]


def _ec2_arn(identifier: str) -> str:
    kind = identifier.partition("-")[0]
    return f"arn:aws:ec2:{_HERE}:{_EC2_KINDS.get(kind, kind)}/{identifier}"


def _balancing_objects(action: str, response: BaseResponse) -> list[str]:
    if action.startswith(_READS):
        return []
    name = _parameter(response, "Name")
    if action == "CreateLoadBalancer":
        return [f"{_BALANCING_ARN}loadbalancer/app/{name}/{_NEW}"]
    if action == "CreateTargetGroup":
        return [f"{_BALANCING_ARN}targetgroup/{name}/{_NEW}"]
    if action == "SetRulePriorities":
        return [pair["RuleArn"] for pair in _parameter(response, "RulePriorities")]
    if action in ("AddTags", "RemoveTags"):
        return list(_parameter(response, "ResourceArns"))
    named = (_parameter(response, f"{kind}Arn") for kind in ("Rule", "Listener", "TargetGroup", "LoadBalancer"))
    return [arn for arn in named if arn][:1]


def _route53_objects(_action: str, response: BaseResponse) -> list[str]:
    _, found, rest = str(response.normalized_request.path).partition("/hostedzone/")
    return [f"arn:aws:route53:::hostedzone/{rest.partition('/')[0]}"] if found else []


def _created(action: str, arn: str) -> str:
    """The ARN of what is created, if the action's own resource is the parent it is created in."""
    created = {"CreateListener": (":loadbalancer/", ":listener/"), "CreateRule": (":listener/", ":listener-rule/")}
    return f"{arn.replace(*created[action])}/{_NEW}" if action in created else arn


def _given_tags(response: BaseResponse) -> Mapping[str, str]:
    listed = list(_parameter(response, "Tags") or [])
    for specification in _parameter(response, "TagSpecifications") or []:
        listed += specification["Tags"]
    return {tag["Key"]: tag.get("Value") or "" for tag in listed}


def _own_tags(service: str, arn: str) -> Mapping[str, str]:
    if service == LOAD_BALANCING:
        tags: Mapping[str, str] = elbv2_backends[SHARED.account][SHARED.region].describe_tags([arn])[arn]
        return tags
    identifier = arn.rpartition("/")[2]
    filters = {"resource-id": [identifier]}
    found = ec2_backends[SHARED.account][SHARED.region].describe_tags(filters=filters)
    return {tag["key"]: tag["value"] for tag in found}


def _parameter(response: BaseResponse, name: str) -> Any:  # noqa: ANN401 of a request
    return response._get_param(name)  # noqa: SLF001 moto has no public name for it
