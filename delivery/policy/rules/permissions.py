"""Nobody must gain rights or trust that the environment's reviewer did not see."""

import re
from collections.abc import Iterator

from delivery.plan.document import ResourceChange
from delivery.policy.rules.rule import Blocks, Finding, Review, Rule, at, is_on, texts
from delivery.redaction.marks import UNKNOWN
from environments.applications import CORE_API
from modules.model.iam_policy_document import PolicyError, Statement, gains, lost_denials, read

_POLICIES = {
    "aws_iam_role": "assume_role_policy",
    "aws_iam_role_policy": "policy",
    "aws_iam_policy": "policy",
    "aws_secretsmanager_secret": "policy",
    "aws_secretsmanager_secret_policy": "policy",
}
# Kinds that give rights by a list or by another's policy, which a plan does not show, or let data out.
_INCOMPARABLE = (
    "aws_iam_access_key*",
    "aws_iam_group*",
    "aws_iam_instance_profile",
    "aws_iam_openid_connect_provider",
    "aws_iam_policy_attachment",
    "aws_iam_role_policy_attachment",
    "aws_iam_saml_provider",
    "aws_iam_user*",
    "aws_kms_*",
    "aws_lambda_*",
    "aws_ram_*",
    "aws_s3_access_point*",
    "aws_s3_bucket_replication_configuration",
    "aws_s3control_*",
    "kubernetes_cluster_role*",
    "kubernetes_role*",
    "postgresql_default_privileges",
    "postgresql_function",
)
_EXCLUSIVE = {
    "aws_iam_role_policies_exclusive": "policy_names",
    "aws_iam_role_policy_attachments_exclusive": "policy_arns",
}
# Manifests are for custom resources: the guard reads what Kubernetes itself defines as typed resources only.
_BUILT_IN = re.compile(r"v1|(apps|autoscaling|batch|extensions|policy)/.*|[^/]*\.k8s\.io/.*")
_REFERENCE = re.compile(r"\$\{[a-z0-9_.]+\}")
# How AWS writes one secret by its path: its ARN ends in a hyphen and six characters of the service's choice.
_SECRET_SUFFIX = re.compile(r"(:secret:[A-Za-z0-9/_+=.@-]+)-\?{6}$")


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
        for statement in statements:
            if _is_too_wide(review, statement):
                clause = statement.text(list(statement.triples))
                yield Finding.of(change.address, "would allow more than a new policy may: {}", clause)
    else:
        for clause in gains(known, statements):
            yield Finding.of(change.address, "would also allow {}", clause)
        for clause in lost_denials(known, statements):
            yield Finding.of(change.address, "would no longer deny {}", clause)


def _earlier(review: Review, change: ResourceChange, attribute: str) -> Iterator[object]:
    """The policies of today: this one, and a role's others, among which a statement may move."""
    same_role = [
        other
        for other in review.plan.resources
        if change.type == other.type == "aws_iam_role_policy"
        and other.before
        and at(other.before, "role") == at(change.after or change.before, "role")
    ]
    yield from (at(row.before, attribute) for row in same_role or [change])


def _is_first(review: Review, change: ResourceChange) -> bool:
    """Whom the policy is about is new here as well, so that there is nothing to compare it with."""
    if change.type != "aws_iam_role_policy":
        return change.before is None
    role = at(change.after, "role")
    return any(row.is_new and at(row.after, "name") == role for row in review.changes("aws_iam_role"))


def _is_too_wide(review: Review, statement: Statement) -> bool:
    """Whether a first policy allows more than exact actions on exact resources to exact callers of this account."""
    if not statement.allows:
        return False
    exact = all(
        not re.search(r"[*?]|^Not", _REFERENCE.sub("", _SECRET_SUFFIX.sub(r"\1", text.removesuffix("/*"))))
        for text in (*statement.actions, *statement.resources, *statement.principals)
    )
    others = statement.principals - {""}
    account = f":{review.shared.account}:"
    return not exact or not all(account in principal for principal in others) or not _is_bound(review, statement)


def _is_bound(review: Review, statement: Statement) -> bool:
    """A role for pods is assumed by exact subjects of this namespace, for the audience of STS alone."""
    if not any(principal.startswith("Federated:") for principal in statement.principals):
        return True
    exact = {
        key.rpartition(":")[2]: values for (op, key), values in statement.conditions.items() if op == "StringEquals"
    }
    subject = f"system:serviceaccount:{review.names.namespace}:"
    return (
        exact.get("aud") == frozenset(["sts.amazonaws.com"])
        and bool(exact.get("sub"))
        and all(value.startswith(subject) for value in exact["sub"])
    )


def _others(review: Review) -> Iterator[Finding]:
    for change in review.changes(*_INCOMPARABLE):
        if change.after is not None:
            yield Finding.of(change.address, "gives rights that a plan does not show: look at it by hand")
    for type_, attribute in _EXCLUSIVE.items():
        for change in review.changes(type_):
            if review.lapses(change):
                yield Finding.of(change.address, "would no longer remove what is attached to the role by hand")
            elif type_.endswith("attachments_exclusive"):
                new = sorted(texts(at(change.after, attribute)) - texts(at(change.before, attribute)))
                yield from (Finding.of(change.address, "would also attach {}", arn) for arn in new)
    for change in review.changes("aws_iam_role"):
        for argument in ("inline_policy", "managed_policy_arns"):
            if change.after is not None and argument in (review.declared(change) or {}):
                yield Finding.of(change.address, "has {}: only policies of their own can be judged", argument)
        if at(change.before, "permissions_boundary") and not at(change.after, "permissions_boundary"):
            yield Finding.of(change.address, "would lose its permissions boundary")
    for change in review.changes("kubernetes_manifest"):
        version = at(change.after, "manifest", "apiVersion")
        if change.after is not None and (not isinstance(version, str) or _BUILT_IN.fullmatch(version)):
            yield Finding.of(change.address, "is a manifest of {}: only custom resources may be one", version)
    yield from _service_accounts(review)


def _service_accounts(review: Review) -> Iterator[Finding]:
    roles = {
        CORE_API.name: review.names.core_api_role,
        review.names.secret_store_account: review.names.secret_store_role,
    }
    for change in review.changes("kubernetes_service_account"):
        role = at(change.after, "metadata", 0, "annotations", "eks.amazonaws.com/role-arn")
        name = at(change.after, "metadata", 0, "name")
        own = f"arn:aws:iam::{review.shared.account}:role/{roles[name]}" if name in roles else "none"
        if role is not None and role not in (own, UNKNOWN):
            yield Finding.of(change.address, "would act as {}; its own role is {}", role, own)
        before, after = (at(side, "automount_service_account_token") for side in (change.before, change.after))
        if is_on(after) and not is_on(before):
            yield Finding.of(change.address, "would give its pods a token for the Kubernetes API")


def find(review: Review) -> Iterator[Finding]:
    """Every right and every trust that is new."""
    yield from _policies(review)
    yield from _others(review)


RULES = (
    Rule(
        id="permissions",
        danger="Rights or trust are widened",
        reason="A role that can do more, or that more can assume, undoes the isolation between environments.",
        blocks=Blocks.ALWAYS,
        find=find,
    ),
)
