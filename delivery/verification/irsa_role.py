"""Checks that each role admits exactly its service account and reaches only this environment."""

import json
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import partial
from typing import Any

from botocore.exceptions import ClientError
from lightkube.resources.core_v1 import ServiceAccount

from delivery.account.error import CheckError
from delivery.account.target import Target
from delivery.verification.check import Check
from environments.applications import CORE_API
from modules.model.capabilities import permissions_of
from modules.model.core_api_permissions import bucket_arns, object_arns, secret_arn
from modules.model.secrets import ApplicationSecrets

_AUDIENCE = "sts.amazonaws.com"
_ANNOTATION = "eks.amazonaws.com/role-arn"


@dataclass(frozen=True, kw_only=True)
class _Role:
    """What is expected of a role. title: a prefix for its checks' names. capabilities: statements by policy name.

    policies: the inline policies about own resources. elsewhere: what these may reach besides the stack's own
    resources.
    """

    title: str
    name: str
    service_account: str
    policies: Set[str]
    capabilities: Mapping[str, Sequence[Mapping[str, Any]]]
    reaches_buckets: bool
    elsewhere: Set[str]

    @property
    def wanted_policies(self) -> set[str]:
        return {*self.policies, *self.capabilities}


def _roles(target: Target) -> Iterator[_Role]:
    """The roles as modules/stacks/environment_stack.py grants them."""
    environment, shared, names = target.environment, target.shared, target.names
    yield _Role(
        title="",
        name=names.core_api_role,
        service_account=CORE_API.name,
        policies={"media", "backups", "secrets"},
        capabilities=permissions_of(environment, shared, names),
        reaches_buckets=True,
        elsewhere=set(),
    )
    secrets = ApplicationSecrets.of(environment, shared, names)
    yield _Role(
        title="secret store ",
        name=names.secret_store_role,
        service_account=names.secret_store_account,
        policies={"secrets"},
        capabilities={},
        reaches_buckets=False,
        elsewhere={secret_arn(shared, secret.path) for secret in secrets.kept_elsewhere},
    )


def checks(target: Target) -> Iterator[Check]:
    """Check the trust, the policies and the service account of core-api's role and of the secret store's."""
    for role in _roles(target):
        yield Check(
            name=f"{role.title}role trust",
            run=partial(_trust, target, role),
            expected=f"only {_subject(target, role)} for {_AUDIENCE}, of the cluster's issuer",
            look=f"aws iam get-role --role-name {role.name}",
        )
        yield Check(
            name=f"{role.title}role policies",
            run=partial(_policies, target, role),
            expected=f"the inline policies {', '.join(sorted(role.wanted_policies))}, for its own resources only",
            look=f"aws iam list-role-policies --role-name {role.name}",
        )
        yield Check(
            name=f"{role.title}service account",
            run=partial(_service_account, target, role),
            expected=f"{role.service_account} annotated with {_role_arn(target, role)}",
            look=f"kubectl -n {target.names.namespace} get serviceaccount {role.service_account} -o yaml",
        )


def _subject(target: Target, role: _Role) -> str:
    return f"system:serviceaccount:{target.names.namespace}:{role.service_account}"


def _role_arn(target: Target, role: _Role) -> str:
    return f"arn:aws:iam::{target.shared.account}:role/{role.name}"


def _trust(target: Target, role: _Role) -> str:
    issuer = target.cluster["identity"]["oidc"]["issuer"].removeprefix("https://")
    provider = f"arn:aws:iam::{target.shared.account}:oidc-provider/{issuer}"
    try:
        found = target.iam.get_role(RoleName=role.name)["Role"]
        audiences = target.iam.get_open_id_connect_provider(OpenIDConnectProviderArn=provider)["ClientIDList"]
    except ClientError as error:
        if error.response["Error"]["Code"] == "NoSuchEntity":
            raise CheckError(error.response["Error"]["Message"]) from None
        raise
    if _AUDIENCE not in audiences:
        raise CheckError(f"the identity provider {provider} does not admit the audience {_AUDIENCE}")
    subject = _subject(target, role)
    document = _document(found["AssumeRolePolicyDocument"])
    if problems := trust_problems(document, provider=provider, issuer=issuer, subject=subject):
        raise CheckError(", ".join(problems))
    return f"only {subject} for {_AUDIENCE}"


def trust_problems(document: Mapping[str, Any], *, provider: str, issuer: str, subject: str) -> list[str]:
    """How a trust policy differs from admitting exactly this subject of this identity provider, for STS."""
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
    """The value as IAM reads it: a list of one element equals the element itself."""
    if isinstance(value, Mapping):
        return {key: _without_lists_of_one(item) for key, item in value.items()}
    if isinstance(value, list) and len(value) == 1:
        return value[0]
    return value


def _policies(target: Target, role: _Role) -> str:
    iam = target.iam
    inline = set(iam.list_role_policies(RoleName=role.name)["PolicyNames"])
    attachments = iam.list_attached_role_policies(RoleName=role.name)["AttachedPolicies"]
    own, wanted = _own_resources(target, role), role.wanted_policies
    problems = [f"{policy} is missing" for policy in sorted(wanted - inline)]
    too_many = sorted(inline - wanted) + [policy["PolicyName"] for policy in attachments]
    problems += [f"{policy} should not exist" for policy in too_many]
    for policy in sorted(inline & wanted):
        document = _document(iam.get_role_policy(RoleName=role.name, PolicyName=policy)["PolicyDocument"])
        if policy not in role.capabilities:
            problems += [f"{policy} reaches {resource}" for resource in sorted(allowed_resources(document) - own)]
        elif not is_exactly(document, role.capabilities[policy]):
            problems.append(f"{policy} differs from this capability in environments/applications.py")
    if problems:
        raise CheckError(", ".join(problems))
    return f"{', '.join(sorted(inline))}, for {len(own)} resources of this environment"


def _own_resources(target: Target, role: _Role) -> set[str]:
    names = target.names
    buckets = bucket_arns(names) + object_arns(names) if role.reaches_buckets else []
    secrets = [target.secrets_manager.describe_secret(SecretId=path)["ARN"] for path in names.secret_paths]
    return {*buckets, *secrets, *role.elsewhere}


def is_exactly(document: Mapping[str, Any], statements: Sequence[Mapping[str, Any]]) -> bool:
    """Whether a policy has exactly these statements, in any order."""
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


def _service_account(target: Target, role: _Role) -> str:
    annotations = target.namespace.read(ServiceAccount, role.service_account)["metadata"].get("annotations", {})
    if annotations.get(_ANNOTATION) != _role_arn(target, role):
        raise CheckError(f"{_ANNOTATION} is {annotations.get(_ANNOTATION)}")
    return f"{role.service_account} is {role.name}"


def _document(document: str | Mapping[str, Any]) -> Mapping[str, Any]:
    """IAM's client returns parsed policy documents, although its types say text."""
    return json.loads(document) if isinstance(document, str) else document


def _listed(value: Any) -> list[Any]:  # noqa: ANN401 a policy's element is one thing or a list of them
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
