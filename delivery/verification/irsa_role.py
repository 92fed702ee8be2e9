"""Does core-api's role admit exactly core-api's pods, and is it theirs."""

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from botocore.exceptions import ClientError
from lightkube.resources.core_v1 import ServiceAccount

from delivery.account.error import CheckError
from delivery.account.target import Target
from delivery.verification.check import Check
from environments.applications import CORE_API
from modules.model.capabilities import permissions_of

_AUDIENCE = "sts.amazonaws.com"
_ANNOTATION = "eks.amazonaws.com/role-arn"


def checks(target: Target) -> Iterator[Check]:
    """Trust, policies, and the service account."""
    names = target.names
    role = f"aws iam get-role --role-name {names.core_api_role}"
    yield Check(
        name="role trust",
        run=partial(_trust, target),
        expected=f"only {_subject(target)} for {_AUDIENCE}, of the cluster's issuer",
        look=role,
    )
    yield Check(
        name="role policies",
        run=partial(_policies, target),
        expected=f"the inline policies {', '.join(sorted(_wanted_policies(target)))}, about own resources only",
        look=f"aws iam list-role-policies --role-name {names.core_api_role}",
    )
    yield Check(
        name="service account",
        run=partial(_service_account, target),
        expected=f"{CORE_API.name} annotated with {_role_arn(target)}",
        look=f"kubectl -n {names.namespace} get serviceaccount {CORE_API.name} -o yaml",
    )


def _subject(target: Target) -> str:
    return f"system:serviceaccount:{target.names.namespace}:{CORE_API.name}"


def _role_arn(target: Target) -> str:
    return f"arn:aws:iam::{target.shared.account}:role/{target.names.core_api_role}"


def _trust(target: Target) -> str:
    issuer = target.cluster["identity"]["oidc"]["issuer"].removeprefix("https://")
    provider = f"arn:aws:iam::{target.shared.account}:oidc-provider/{issuer}"
    try:
        role = target.iam.get_role(RoleName=target.names.core_api_role)["Role"]
        audiences = target.iam.get_open_id_connect_provider(OpenIDConnectProviderArn=provider)["ClientIDList"]
    except ClientError as error:
        if error.response["Error"]["Code"] == "NoSuchEntity":
            raise CheckError(error.response["Error"]["Message"]) from None
        raise
    if _AUDIENCE not in audiences:
        raise CheckError(f"the identity provider {provider} does not admit the audience {_AUDIENCE}")
    problems = trust_problems(
        _document(role["AssumeRolePolicyDocument"]), provider=provider, issuer=issuer, subject=_subject(target)
    )
    if problems:
        raise CheckError(", ".join(problems))
    return f"only {_subject(target)} for {_AUDIENCE}"


def trust_problems(document: Mapping[str, Any], *, provider: str, issuer: str, subject: str) -> list[str]:
    """In what a trust policy differs from admitting exactly this subject, for STS, of this identity provider."""
    statements = _listed(document.get("Statement"))
    if len(statements) != 1:
        return [f"it has {len(statements)} statements, not one"]
    statement = statements[0]
    wanted = {
        "Effect": "Allow",
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Principal": {"Federated": provider},
        "Condition": {"StringEquals": {f"{issuer}:sub": subject, f"{issuer}:aud": _AUDIENCE}},
    }
    found = {part: _without_lists_of_one(statement.get(part)) for part in wanted}
    return [f"its {part} is {json.dumps(value)}" for part, value in found.items() if value != wanted[part]]


def _without_lists_of_one(value: Any) -> Any:  # noqa: ANN401 any part of a JSON document
    """The value as IAM reads it: a list of one thing means the thing itself."""
    if isinstance(value, Mapping):
        return {key: _without_lists_of_one(item) for key, item in value.items()}
    if isinstance(value, list) and len(value) == 1:
        return value[0]
    return value


def _wanted_policies(target: Target) -> set[str]:
    """One for each thing that is granted, and for each capability (modules/stacks/environment_stack.py)."""
    return {"media", "backups", "secrets", *_permissions(target)}


def _permissions(target: Target) -> Mapping[str, Sequence[Mapping[str, Any]]]:
    return permissions_of(target.environment, target.shared, target.names)


def _policies(target: Target) -> str:
    name, iam = target.names.core_api_role, target.iam
    inline = set(iam.list_role_policies(RoleName=name)["PolicyNames"])
    attached = [policy["PolicyName"] for policy in iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]]
    own, capabilities, wanted = _own_resources(target), _permissions(target), _wanted_policies(target)
    problems = [f"{policy} is missing" for policy in sorted(wanted - inline)]
    problems += [f"{policy} is one too many" for policy in sorted(inline - wanted) + attached]
    for policy in sorted(inline & wanted):
        document = _document(iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"])
        if policy not in capabilities:
            problems += [f"{policy} reaches {resource}" for resource in sorted(allowed_resources(document) - own)]
        elif not is_exactly(document, capabilities[policy]):
            problems.append(f"{policy} is not what environments/applications.py says of this capability")
    if problems:
        raise CheckError(", ".join(problems))
    return f"{', '.join(sorted(inline))}, about {len(own)} resources of this environment"


def _own_resources(target: Target) -> set[str]:
    names = target.names
    buckets = [f"arn:aws:s3:::{bucket}" for bucket in (names.media_bucket, names.backups_bucket)]
    secrets = [target.secrets_manager.describe_secret(SecretId=path)["ARN"] for path in names.secret_paths]
    return {*buckets, *(f"{bucket}/*" for bucket in buckets), *secrets}


def is_exactly(document: Mapping[str, Any], statements: Sequence[Mapping[str, Any]]) -> bool:
    """Whether a policy has these statements and no others, in any order."""
    found, wanted = (
        sorted(json.dumps(_without_lists_of_one(row), sort_keys=True) for row in rows)
        for rows in (_listed(document.get("Statement")), statements)
    )
    return found == wanted


def allowed_resources(document: Mapping[str, Any]) -> set[str]:
    """Every resource that a policy allows something on; NotResource counts as all."""
    return {
        resource
        for statement in _listed(document.get("Statement"))
        if statement.get("Effect") == "Allow"
        for resource in (["*"] if "NotResource" in statement else _listed(statement.get("Resource")))
    }


def _service_account(target: Target) -> str:
    annotations = target.namespace.read(ServiceAccount, CORE_API.name)["metadata"].get("annotations", {})
    if annotations.get(_ANNOTATION) != _role_arn(target):
        raise CheckError(f"{_ANNOTATION} is {annotations.get(_ANNOTATION)}")
    return f"{CORE_API.name} is {target.names.core_api_role}"


def _document(document: str | Mapping[str, Any]) -> Mapping[str, Any]:
    """IAM's client gives policy documents parsed, while its types say text."""
    return json.loads(document) if isinstance(document, str) else document


def _listed(value: Any) -> list[Any]:  # noqa: ANN401 a policy's element is one thing or a list of them
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
