"""Checks that adopting core-api's role drops no permission that the settings do not drop explicitly."""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from botocore.exceptions import ClientError

from delivery.account.target import Target
from delivery.preflight.permission_losses import Loss, RolePolicy, lost_permissions, lost_trust
from environments.applications import CAPABILITIES, CORE_API
from environments.schema.catalogue import file_of
from environments.schema.contract import Capability
from modules.model.core_api_permissions import core_api_permissions
from modules.model.iam_pattern import pattern_includes
from modules.model.iam_policies import boundary_arn
from modules.model.iam_policy_document import PolicyError


def problem(target: Target) -> str | None:
    """Say what the role would lose, or which dropped permissions it does not have. None if there is neither.

    A role that carries the environment's permissions boundary already belongs to this project. Raises ClientError.
    """
    role = _role(target)
    if role is None or _boundary(role) == boundary_arn(target.names, target.shared):
        return None
    name, dropped = target.names.core_api_role, target.environment.dropped_permissions
    try:
        losses = [*_losses(target, role)]
    except PolicyError as error:
        return f"{name} has a policy that cannot be compared: {error}"
    lost = [loss for loss in losses if not any(map(loss.is_dropped_by, dropped))]
    unknown = [each for each in dropped if not any(loss.is_dropped_by(each) for loss in losses)]
    if not (lost or unknown):
        return None
    return "\n".join(_message(target, lost, unknown, set(_grouped(losses))))


def _grouped(losses: Sequence[Loss]) -> dict[str, list[Loss]]:
    """Group the losses under the shortest name: the action's own if it is lost on several resources."""
    together: dict[str, list[Loss]] = defaultdict(list)
    for loss in losses:
        together[loss.action or loss.name].append(loss)
    return {name if len(group) > 1 else group[0].name: group for name, group in together.items()}


def _message(target: Target, lost: list[Loss], unknown: list[str], there: set[str]) -> Iterator[str]:
    environment = target.environment
    yield f"{target.names.core_api_role} would be adopted, but its permissions differ from the settings:"
    for name, group in _grouped(lost).items():
        first, count = group[0], f", {len(group)} times" if len(group) > 1 else ""
        yield f"  {' '.join(filter(None, (repr(name), first.limits)))} ({first.place}{count}){_giver(target, first)}"
    for name in unknown:
        yield f"  dropped_permissions has {name!r}, which the role does not have"
    yield (
        f"allowed in {file_of(environment.name)}: capabilities=(...) with what it needs, "
        "and dropped_permissions with what it no longer needs; for all of the above:"
    )
    yield f"    dropped_permissions={_tuple(sorted(there))},"


def _tuple(names: list[str]) -> str:
    return f"({', '.join(map(repr, names))}{',' if len(names) == 1 else ''})"


def _giver(target: Target, loss: Loss) -> str:
    """Name the capability that grants the action, as a phrase that follows the loss."""
    capability = next((each for each in CAPABILITIES if loss.action and _speaks_of(each, loss.action)), None)
    if capability is None:
        return ""
    if capability.name in target.environment.capabilities:
        return f": the capability {capability.name!r}, which is on, grants less"
    return f": the capability {capability.name!r} grants it"


def _speaks_of(capability: Capability, action: str) -> bool:
    return any(
        pattern_includes(wider.lower(), narrower.lower())
        for permission in capability.permissions
        for own in permission.actions
        for wider, narrower in ((own, action), (action, own))
    )


def _role(target: Target) -> Mapping[str, object] | None:
    try:
        return target.iam.get_role(RoleName=target.names.core_api_role)["Role"]
    except ClientError as error:
        # Terraform says itself that there is nothing to import.
        if error.response["Error"]["Code"] != "NoSuchEntity":
            raise
        return None


def _boundary(role: Mapping[str, object]) -> object:
    boundary = role.get("PermissionsBoundary")
    return boundary.get("PermissionsBoundaryArn") if isinstance(boundary, Mapping) else None


def _losses(target: Target, role: Mapping[str, object]) -> Iterator[Loss]:
    issuer = target.cluster["identity"]["oidc"]["issuer"].removeprefix("https://")
    yield from lost_permissions(
        [*_inline(target), *_attached(target)],
        core_api_permissions(target.environment, target.shared, target.names),
    )
    yield from lost_trust(
        RolePolicy(title="trust policy", document=_document(role["AssumeRolePolicyDocument"])),
        provider=f"arn:aws:iam::{target.shared.account}:oidc-provider/{issuer}",
        subject=f"system:serviceaccount:{target.names.namespace}:{CORE_API.name}",
    )


def _inline(target: Target) -> Iterator[RolePolicy]:
    role = target.names.core_api_role
    for page in target.iam.get_paginator("list_role_policies").paginate(RoleName=role):
        for name in page["PolicyNames"]:
            document = target.iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
            yield RolePolicy(title=f"inline policy {name}", document=_document(document))


def _attached(target: Target) -> Iterator[RolePolicy]:
    """The role's managed policies, of AWS and of the account, at their default version."""
    role = target.names.core_api_role
    for page in target.iam.get_paginator("list_attached_role_policies").paginate(RoleName=role):
        for attached in page["AttachedPolicies"]:
            arn = attached["PolicyArn"]
            version = target.iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
            found = target.iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]
            yield RolePolicy(title=f"managed policy {arn}", document=_document(found["Document"]))


def _document(document: object) -> Mapping[str, object]:
    """IAM's client returns parsed policy documents, although its types say text."""
    parsed: Mapping[str, object] = json.loads(document) if isinstance(document, str) else document  # type: ignore[assignment]
    return parsed
