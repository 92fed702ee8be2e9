"""Decides whether a caller may do what a request asks for, as AWS does: moto itself allows everything to everyone.

The order: an explicit Deny of any policy; then a session's policy and a boundary, which must allow; then the caller's
own policies or the resource's, one of which must allow.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

import re
from collections.abc import Mapping, Sequence

from moto.core.authorization import ActionAuthenticatorMixin
from moto.core.responses import BaseResponse
from moto.iam.access_control import PermissionResult
from moto.s3.exceptions import BucketAccessDeniedError
from moto.s3.models import FakeBucket, s3_backends
from moto.secretsmanager.models import secretsmanager_backends

from local.aws.error import AwsError
from local.aws.iam.caller import ACCOUNT, Caller, permissions_boundary, trust_policy
from local.aws.iam.policy import Decision, PolicyError, Request, evaluate
from local.aws.iam.requests import required_permissions
from local.aws.iam.s3_requests import UnknownRequestError
from local.aws.iam.tagged_requests import EC2, TAGGED, tag_keys
from local.aws.iam.web_identity import WebIdentities
from modules.model.selected_settings import SHARED

_CREDENTIAL = re.compile(r"Credential=([^/]+)/[^/]+/[^/]+/([^/]+)/")
# Everyone may ask, whatever a policy says.
_WHO_AM_I = "sts:GetCallerIdentity"
_ASSUME_ROLE = "sts:AssumeRole"
# AWS's JSON APIs use this code, the others AccessDenied.
_REFUSAL = dict.fromkeys(("acm", "ecr", "eks", "secretsmanager"), "AccessDeniedException") | {
    EC2: "UnauthorizedOperation"
}


def install(root_key: str, identities: WebIdentities) -> None:
    """Authorize every request to moto in this process, except those of the root key, which belongs to no IAM user.

    identities: authorizes AssumeRoleWithWebIdentity, the one request without a key.
    """

    def authorize(response: BaseResponse, _kind: type, _resource: str = "*") -> None:
        found = _CREDENTIAL.search(response.headers.get("Authorization", ""))
        if found is None:
            identities.check(response._get_param("RoleArn"), response._get_param("WebIdentityToken"))  # noqa: SLF001
        elif found[1] != root_key:
            _check(found[1], found[2], response)

    setattr(ActionAuthenticatorMixin, "_authenticate_and_authorize_action", authorize)  # noqa: B010 mypy
    # The check above evaluates a bucket's policy, where its conditions and principals count.
    setattr(FakeBucket, "get_permission", lambda *_: PermissionResult.NEUTRAL)  # noqa: B010 mypy


def _check(access_key: str, service: str, response: BaseResponse) -> None:
    caller = Caller.of(access_key)
    if caller is None:
        raise AwsError("InvalidClientTokenId", f"The access key {access_key} no longer belongs to anybody.", service)
    context = _context(caller, response)
    try:
        for action, resource in required_permissions(service, response):
            tags = tag_keys(service, response, action, resource) if service in TAGGED else {}
            refusal = None if action == _WHO_AM_I else _refusal(caller, action, resource, context | tags)
            if refusal is not None:
                if "delete" in response.querystring and service == "s3":
                    # moto turns this into an error for each object in the list. S3 does the same, but would delete the
                    # others.
                    raise BucketAccessDeniedError(bucket=response.data["BucketName"])
                raise AwsError(
                    _REFUSAL.get(service, "AccessDenied"),
                    f"User: {caller.arn} is not authorized to perform: {action} on resource: {resource} {refusal}",
                    service,
                )
    except (PolicyError, UnknownRequestError) as error:
        message = f"The local cloud cannot evaluate this request of {caller.arn} as AWS would: {error}."
        raise AwsError("NotImplemented", message, service, "501 Not Implemented") from error


def _refusal(caller: Caller, action: str, resource: str, context: Mapping[str, Sequence[str]]) -> str | None:
    """Return why the caller may not, in AWS's words; None if the caller may."""

    def decisions(documents: Sequence[str], principals: frozenset[str] = frozenset()) -> list[Decision]:
        request = Request(action=action, resource=resource, context=context, principals=principals)
        return [evaluate(document, request) for document in documents]

    of_resource = _policies_of(action, resource)
    own = decisions(caller.allowing)
    limits = decisions(caller.limiting)
    by_name = decisions(of_resource, caller.principals)
    # A policy that names the account leaves the decision to the account's own policies.
    by_account = decisions(of_resource, caller.principals | {f"AWS:{ACCOUNT}", f"AWS:{SHARED.account}"})
    for kind, found in {"identity-based": own, "resource-based": by_account, "limiting": limits}.items():
        if Decision.EXPLICIT_DENY in found:
            return f"with an explicit deny in {'an' if kind.startswith('i') else 'a'} {kind} policy"
    if not all(decision is Decision.ALLOWED for decision in limits):
        return f"because no permissions boundary or session policy allows the {action} action"
    # Only for assuming a role are the caller's own policies not enough.
    allowing = by_name if action == _ASSUME_ROLE else [*own, *by_name]
    if Decision.ALLOWED in allowing or (Decision.ALLOWED in by_account and Decision.ALLOWED in own):
        return None
    return f"because no identity-based policy allows the {action} action"


def _policies_of(action: str, resource: str) -> list[str]:
    """The policy of the bucket or the secret, or for AssumeRole the role's trust policy."""
    if action.startswith("s3:"):
        bucket = s3_backends[SHARED.account]["aws"].buckets.get(resource.rpartition(":")[2].partition("/")[0])
        return [bucket.policy.decode()] if bucket is not None and bucket.policy else []
    if action.startswith("secretsmanager:"):
        secret = secretsmanager_backends[SHARED.account][SHARED.region].secrets.get(resource)
        document = getattr(secret, "policy", None)
        return [document] if document else []
    document = trust_policy(resource) if action == _ASSUME_ROLE else None
    return [document] if document else []


def _context(caller: Caller, response: BaseResponse) -> dict[str, list[str]]:
    """Every known condition key with its values in this request.

    The local cloud speaks plain HTTP on the loopback interface, which no other machine can listen to, and counts that
    as secure transport.
    """
    parameter = response._get_param  # noqa: SLF001 moto has no public name for it
    # A request that sets a role's boundary is evaluated with the boundary that it names, even if the role exists.
    sets_boundary = response._get_action() in ("CreateRole", "PutRolePermissionsBoundary")  # noqa: SLF001
    role = None if sets_boundary else parameter("RoleName")
    values = {
        "aws:securetransport": "true",
        "aws:principalarn": caller.role or caller.arn,
        "aws:principalaccount": SHARED.account,
        "aws:resourceaccount": SHARED.account,
        "aws:requestedregion": SHARED.region,
        "iam:awsservicename": parameter("AWSServiceName"),
        "iam:permissionsboundary": parameter("PermissionsBoundary") or (role and permissions_boundary(role)),
        "s3:prefix": parameter("prefix"),
        "sts:externalid": parameter("ExternalId"),
        "sts:rolesessionname": parameter("RoleSessionName"),
    }
    return {key: [str(value)] if value else [] for key, value in values.items()}
