"""Translates a request to the AWS APIs into IAM's terms: actions, and the ARN of each.

Source: https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
moto itself knows the resource only for S3 and for some calls about roles.
"""

from collections.abc import Iterator
from typing import Any

from moto.core.responses import BaseResponse
from moto.secretsmanager.models import secretsmanager_backends

from local.aws.iam.s3_requests import required_s3_permissions
from local.aws.iam.tagged_requests import EC2, LOAD_BALANCING, ROUTE53, tagged_permissions
from modules.model.selected_settings import SHARED

_HERE = f"{SHARED.region}:{SHARED.account}"
_IAM = f"arn:aws:iam::{SHARED.account}"
# For each service, the parameters that name a call's resource, and the prefix of its ARN; the first one present counts.
# A value that is already an ARN stays as it is.
_RESOURCES = {
    "acm": {"CertificateArn": ""},
    "ecr": {"repositoryName": f"arn:aws:ecr:{_HERE}:repository/"},
    "eks": {"name": f"arn:aws:eks:{_HERE}:cluster/"},
    "iam": {
        "RoleName": f"{_IAM}:role/",
        "UserName": f"{_IAM}:user/",
        "GroupName": f"{_IAM}:group/",
        "OpenIDConnectProviderArn": "",
        "Url": f"{_IAM}:oidc-provider/",
        "PolicyArn": "",
        "PolicyName": f"{_IAM}:policy/",
    },
    "rds": {
        "DBInstanceIdentifier": f"arn:aws:rds:{_HERE}:db:",
        "DBClusterIdentifier": f"arn:aws:rds:{_HERE}:cluster:",
        "DBSubnetGroupName": f"arn:aws:rds:{_HERE}:subgrp:",
    },
    "sts": {"RoleArn": ""},
}
# What Secrets Manager appends to each secret's name in its ARN.
_SUFFIX = "-??????"


def required_permissions(service: str, response: BaseResponse) -> Iterator[tuple[str, str]]:
    """Yield each action that a request needs, with the ARN that it needs it on, or ``*`` if it has no resource.

    service: the request's signing name, which is also the action's prefix. response: moto's object for this request.

    Raises:
        UnknownRequestError: the local cloud does not know this request to S3.

    """
    if service == "s3":
        body = response.raw_body or b""
        yield from required_s3_permissions(
            response.method, response.raw_path, response.parsed_url.query, response.headers, body
        )
        return
    action = f"{service}:{response._get_action()}"  # noqa: SLF001 moto has no public name for it
    parameter = response._get_param  # noqa: SLF001
    if service in (EC2, LOAD_BALANCING, ROUTE53):
        yield from tagged_permissions(service, action.partition(":")[2], response)
        return
    if service == "secretsmanager":
        yield action, _secret(parameter("SecretId"), parameter("Name"))
        return
    if service == "eks" and parameter("addonName") and not action.endswith(":CreateAddon"):
        yield action, f"arn:aws:eks:{_HERE}:addon/{parameter('name')}/{parameter('addonName')}/1"
        return
    for name, beginning in _RESOURCES.get(service, {}).items():
        value = parameter(name)
        if value:
            yield action, value if value.startswith("arn:") else beginning + value.removeprefix("https://")
            return
    yield action, "*"


def _secret(identifier: Any, new: Any) -> str:  # noqa: ANN401 parameters of a request
    name = identifier or new
    if not name:
        return "*"
    found = secretsmanager_backends[SHARED.account][SHARED.region].secrets.get(name)
    if found is not None:
        return str(found.arn)
    # For a secret that does not exist, or not yet, only the beginning of its ARN is known.
    return str(name) if name.startswith("arn:") else f"arn:aws:secretsmanager:{_HERE}:secret:{name}{_SUFFIX}"
