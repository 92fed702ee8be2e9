"""One of two environments on the same account that must not reach each other, with its pods' credentials."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import boto3
from botocore.exceptions import ClientError
from lightkube import Client
from lightkube.models.authentication_v1 import TokenRequestSpec
from lightkube.models.meta_v1 import ObjectMeta
from lightkube.resources.core_v1 import ServiceAccountToken

from environments.schema.settings import Environment
from modules.model.names import Names
from tests.account import SETTINGS, SHARED
from tests.live.project import Project

_SHOWN = 10
STS_AUDIENCE = "sts.amazonaws.com"
_REFUSALS = {"AccessDenied", "AccessDeniedException", "403"}


@dataclass(frozen=True, kw_only=True)
class Tenant:
    """An environment on the project's cloud; its clients act as core-api's pods do."""

    settings: Environment
    names: Names
    project: Project = field(repr=False)

    @classmethod
    def of(cls, project: Project, environment: str) -> "Tenant":
        """Return the environment of this name."""
        settings = SETTINGS.find(environment)
        return cls(settings=settings, names=Names.of(settings, SHARED), project=project)

    @property
    def role_arn(self) -> str:
        """The role of core-api's pods."""
        return f"arn:aws:iam::{SHARED.account}:role/{self.names.core_api_role}"

    @property
    def buckets(self) -> tuple[str, str]:
        """The environment's own buckets."""
        return self.names.media_bucket, self.names.backups_bucket

    @property
    def secrets(self) -> tuple[str, ...]:
        """The environment's own secrets, by name."""
        return self.names.secret_paths

    def client(self, service: str) -> Any:  # noqa: ANN401 each service has a class of its own
        """Return a client of an AWS API with the credentials that core-api's pods get for their token."""
        return self._session.client(
            service,  # type: ignore[call-overload]
            endpoint_url=self.project.variables.get("AWS_ENDPOINT_URL"),
        )

    @cached_property
    def _session(self) -> boto3.Session:
        held = token(self.project.kubernetes, self.names.namespace, "core-api", STS_AUDIENCE)
        return assume(self.project, self.role_arn, held)


def token(kubernetes: Client, namespace: str, account: str, audience: str) -> str:
    """Return a service account's token from the API server, which does not store it."""
    request = ServiceAccountToken(metadata=ObjectMeta(), spec=TokenRequestSpec(audiences=[audience]))
    status = kubernetes.create(request, account, namespace=namespace).status
    assert status is not None
    return str(status.token)


def assume(project: Project, role_arn: str, web_identity: str) -> boto3.Session:
    """Return a session of the role for this token, as the AWS SDK in a pod gets it. Raises ClientError."""
    answer = project.client("sts").assume_role_with_web_identity(
        RoleArn=role_arn, RoleSessionName="isolation", WebIdentityToken=web_identity
    )["Credentials"]
    return boto3.Session(
        answer["AccessKeyId"], answer["SecretAccessKey"], answer["SessionToken"], region_name=SHARED.region
    )


def outcome(call: Callable[..., Any], *arguments: object, **named: object) -> str:
    """Return ``refused`` for lack of permission, ``allowed``, or another error's code, which proves neither."""
    try:
        answer = call(*arguments, **named)
    except ClientError as error:
        code = str(error.response["Error"]["Code"])
        return "refused" if code in _REFUSALS else code
    errors = answer.get("Errors", []) if isinstance(answer, dict) else []
    if errors:
        return "refused" if {error["Code"] for error in errors} <= _REFUSALS else json.dumps(errors)
    return "allowed"


def listed(lines: list[str]) -> str:
    """Return the first lines of a list, and the number of the others."""
    more = [f"and {len(lines) - _SHOWN} more"] if len(lines) > _SHOWN else []
    return "\n".join([*lines[:_SHOWN], *more])
