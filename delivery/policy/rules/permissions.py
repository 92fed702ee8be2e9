"""Nobody may gain permissions or trust that the environment's reviewer did not see."""

import json
from collections.abc import Iterator, Sequence

from delivery.plan.document import ResourceChange
from delivery.policy.rules.rule import Blocks, Finding, Review, Rule, at, is_on, items, texts
from environments.applications import CORE_API
from modules.model.core_api_permissions import READ_SECRET, core_api_permissions, secret_arn
from modules.model.iam_policies import boundary_arn
from modules.model.iam_policy_document import PolicyError, Statement, gains, lost_denials, read
from modules.model.secrets import ApplicationSecrets

_POLICIES = {
    "aws_iam_role": "assume_role_policy",
    "aws_iam_role_policy": "policy",
    "aws_iam_policy": "policy",
    "aws_secretsmanager_secret": "policy",
    "aws_secretsmanager_secret_policy": "policy",
}
# Resources that remove everything not on their list, with the list's attribute and the type that its items name.
_EXCLUSIVE = {
    "aws_iam_role_policies_exclusive": ("policy_names", "aws_iam_role_policy"),
    "aws_iam_role_policy_attachments_exclusive": ("policy_arns", None),
}
_ROLE_ARN = "eks.amazonaws.com/role-arn"


def _policies(review: Review) -> Iterator[Finding]:
    for type_, attribute in _POLICIES.items():
        for change in review.changes(type_):
            yield from _policy(review, change, attribute)


def _policy(review: Review, change: ResourceChange, attribute: str) -> Iterator[Finding]:
    try:
        statements = read(review.planned(change, attribute))
        known = [statement for text in _earlier(review, change, attribute) for statement in read(text)]
    except PolicyError as error:
        yield Finding.of(change.address, "has a {} that cannot be judged: {}", attribute, error)
        return
    if _is_first(review, change):
        for clause in _beyond_the_settings(review, change, statements):
            yield Finding.of(change.address, "would allow more than a new policy may: {}", clause)
    else:
        for clause in gains(known, statements):
            yield Finding.of(change.address, "would also allow {}", clause)
        for clause in lost_denials(known, statements):
            yield Finding.of(change.address, "would no longer deny {}", clause)


def _earlier(review: Review, change: ResourceChange, attribute: str) -> Iterator[object]:
    """Today's policies: this one, and for a role its other ones, because a statement may move between them."""
    same_role = [
        other
        for other in review.plan.resources
        if change.type == other.type == "aws_iam_role_policy"
        and other.before
        and at(other.before, "role") == at(change.after or change.before, "role")
    ]
    yield from (at(row.before, attribute) for row in same_role or [change])


def _is_first(review: Review, change: ResourceChange) -> bool:
    """Whether the policy's role or resource is new too, so that there is nothing to compare the policy with."""
    if change.type != "aws_iam_role_policy":
        return change.before is None
    role = at(change.after, "role")
    return isinstance(role, str) and any(
        row.is_new and at(row.after, "name") == role for row in review.changes("aws_iam_role")
    )


def _beyond_the_settings(review: Review, change: ResourceChange, statements: Sequence[Statement]) -> Iterator[str]:
    """What a first policy allows beyond the settings, in words."""
    if change.family == "aws_iam_role":
        yield from (
            row.text(list(row.triples)) for row in statements if row.allows and not _is_own(review, change, row)
        )
        return
    yield from gains(read(_document(review)), statements)


def _document(review: Review) -> str:
    """The most that the environment's roles may do, as in bootstrap's permissions boundary."""
    secrets = ApplicationSecrets.of(review.environment, review.shared, review.names)
    elsewhere = [secret_arn(review.shared, secret.path) for secret in secrets.kept_elsewhere]
    statements = [
        *core_api_permissions(review.environment, review.shared, review.names),
        {"Effect": "Allow", "Action": list(READ_SECRET), "Resource": elsewhere},
    ]
    return json.dumps({"Statement": statements})


def _is_own(review: Review, change: ResourceChange, statement: Statement) -> bool:
    """Whether only the role's own service account can assume it, with a cluster token intended for STS."""
    account = _accounts_by_role(review).get(str(at(change.after, "name")))
    provider = f"Federated:arn:aws:iam::{review.shared.account}:oidc-provider/"
    exact = {
        key.rpartition(":")[2]: values for (op, key), values in statement.conditions.items() if op == "StringEquals"
    }
    return (
        statement.actions == {"sts:AssumeRoleWithWebIdentity"}
        and all(principal.startswith(provider) for principal in statement.principals)
        and exact.get("aud") == frozenset(["sts.amazonaws.com"])
        and exact.get("sub") == frozenset([f"system:serviceaccount:{review.names.namespace}:{account}"])
    )


def _accounts_by_role(review: Review) -> dict[str, str]:
    names = review.names
    return {names.core_api_role: CORE_API.name, names.secret_store_role: names.secret_store_account}


def _roles(review: Review) -> Iterator[Finding]:
    boundary = boundary_arn(review.names, review.shared)
    for change in review.changes("aws_iam_role"):
        if change.after is None:
            continue
        for argument in ("inline_policy", "managed_policy_arns"):
            if argument in (review.declared(change) or {}):
                yield Finding.of(change.address, "has {}: only policies of their own can be judged", argument)
        limit = review.planned(change, "permissions_boundary")
        if limit != boundary:
            yield Finding.of(change.address, "would have the permissions boundary {}; allowed: {}", limit, boundary)
    for change in review.changes(*_EXCLUSIVE):
        if review.lapses(change):
            yield Finding.of(change.address, "would no longer remove what is attached to the role by hand")
        elif change.after is not None:
            attribute, made = _EXCLUSIVE[change.family]
            known = {at(row.after, "name") for row in review.plan.resources if row.family == made}
            known |= {item for item in items(at(change.before, attribute)) if isinstance(item, str)}
            for name in sorted(texts(at(change.after, attribute)) - known):
                yield Finding.of(change.address, "would also attach {}", name)


def _service_accounts(review: Review) -> Iterator[Finding]:
    roles = {account: role for role, account in _accounts_by_role(review).items()}
    for change in review.changes("kubernetes_service_account"):
        if change.after is None:
            continue
        role = review.planned(change, "metadata", 0, "annotations", _ROLE_ARN)
        name = at(change.after, "metadata", 0, "name")
        own = f"arn:aws:iam::{review.shared.account}:role/{roles[name]}" if name in roles else "none"
        if role not in (None, own):
            yield Finding.of(change.address, "would act as {}; its own role is {}", role, own)
        before, after = (at(side, "automount_service_account_token") for side in (change.before, change.after))
        if is_on(after) and before is not True:
            yield Finding.of(change.address, "would give its pods a token for the Kubernetes API")


def _find(review: Review) -> Iterator[Finding]:
    yield from _policies(review)
    yield from _roles(review)
    yield from _service_accounts(review)


RULES = (
    Rule(
        id="permissions",
        danger="Permissions or trust are widened",
        reason="A role that can do more, or that more can assume, undoes the isolation between environments.",
        blocks=Blocks.ALWAYS,
        find=_find,
    ),
)
