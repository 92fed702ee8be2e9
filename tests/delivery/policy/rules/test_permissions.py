"""The rules in permissions.py: nobody must gain permissions or trust unnoticed."""

import json
from typing import Any

import pytest

from delivery.policy.rules.permissions import RULES
from modules.model.selected_settings import SHARED
from tests.delivery.plan_documents import resource
from tests.delivery.policy.rules.parts import (
    MEDIA,
    METADATA,
    Cases,
    allow,
    assert_said,
    judged_in_staging,
    policy,
    rules_broken_by,
)

ACCOUNT = SHARED.account
OWN = "system:serviceaccount:mosaic-staging:core-api"
BOUNDARY = f"arn:aws:iam::{ACCOUNT}:policy/mosaic-staging-boundary"
READ = allow(["s3:GetObject"], [f"{MEDIA}/*"])


def trust(subject: object, operator: str = "StringEquals", **conditions: object) -> str:
    return policy(
        allow(
            "sts:AssumeRoleWithWebIdentity",
            Principal={"Federated": f"arn:aws:iam::{ACCOUNT}:oidc-provider/issuer"},
            Condition={operator: {"issuer:sub": subject, "issuer:aud": "sts.amazonaws.com", **conditions}},
        )
    )


def role(document_: str) -> dict[str, Any]:
    return {"name": "mosaic-staging-core-api-role", "assume_role_policy": document_, "permissions_boundary": BOUNDARY}


def role_policy(document_: str) -> dict[str, Any]:
    return {"name": "media", "role": "mosaic-staging-core-api-role", "policy": document_}


def secret(document_: str) -> dict[str, Any]:
    return {"name": "mosaic/staging/session/secret-key", "policy": document_}


def service_account(name: str, role_arn: str) -> dict[str, Any]:
    return {"metadata": [{**METADATA[0], "name": name, "annotations": {"eks.amazonaws.com/role-arn": role_arn}}]}


SHARED_WITH = {"AWS": "arn:aws:iam::210987654321:root"}
CHANGES: Cases = {
    "a secret is made without a policy": (
        resource("aws_secretsmanager_secret", "create", None, secret("{}")),
        None,
    ),
    "a secret loses a policy that was made by hand": (
        resource(
            "aws_secretsmanager_secret",
            "change",
            secret(policy(allow("secretsmanager:GetSecretValue", "*", Principal=SHARED_WITH))),
            secret("{}"),
        ),
        None,
    ),
    "a secret is given to another account": (
        resource(
            "aws_secretsmanager_secret",
            "change",
            secret("{}"),
            secret(policy(allow("secretsmanager:GetSecretValue", "*", Principal=SHARED_WITH))),
        ),
        "BLOCKING permissions aws_secretsmanager_secret.x would also allow secretsmanager:GetSecretValue on * to "
        "AWS:arn:aws:iam::210987654321:root",
    ),
    "a policy without statements": (
        resource("aws_secretsmanager_secret", "change", secret("{}"), secret('{"Version": "2012-10-17"}')),
        "BLOCKING permissions aws_secretsmanager_secret.x has a policy that cannot be judged: it "
        "has no list of statements",
    ),
    "a role trusts its own service account": (
        resource("aws_iam_role", "create", None, role(trust(OWN))),
        None,
    ),
    "a role trusts another namespace": (
        resource("aws_iam_role", "create", None, role(trust("system:serviceaccount:default:x"))),
        "BLOCKING permissions aws_iam_role.x would allow more than a new policy may: sts:AssumeRoleWithWebIdentity to "
        f"Federated:arn:aws:iam::{ACCOUNT}:oidc-provider/issuer if issuer:aud StringEquals sts.amazonaws.com and "
        "issuer:sub StringEquals system:serviceaccount:default:x",
    ),
    "a role trusts without an audience": (
        resource("aws_iam_role", "create", None, role(trust(OWN).replace("issuer:aud", "issuer:iat"))),
        "BLOCKING permissions aws_iam_role.x would allow more than a new policy may: sts:AssumeRoleWithWebIdentity to "
        f"Federated:arn:aws:iam::{ACCOUNT}:oidc-provider/issuer if issuer:iat StringEquals sts.amazonaws.com and "
        f"issuer:sub StringEquals {OWN}",
    ),
    "a role trusts one more subject": (
        resource("aws_iam_role", "change", role(trust(OWN)), role(trust([OWN, f"{OWN}-2"]))),
        "BLOCKING permissions aws_iam_role.x would also allow sts:AssumeRoleWithWebIdentity if "
        f"issuer:sub StringEquals {OWN}, {OWN}-2",
    ),
    "a role trusts one subject less": (
        resource("aws_iam_role", "change", role(trust([OWN, f"{OWN}-2"])), role(trust(OWN))),
        None,
    ),
    "a role trusts by a pattern": (
        resource("aws_iam_role", "change", role(trust(OWN)), role(trust("*", "StringLike"))),
        "BLOCKING permissions aws_iam_role.x would also allow sts:AssumeRoleWithWebIdentity if "
        "issuer:aud StringLike sts.amazonaws.com and issuer:sub StringLike *",
    ),
    "a role no longer trusts by a pattern": (
        resource(
            "aws_iam_role",
            "change",
            role(trust("system:serviceaccount:mosaic-staging:*", "StringLike")),
            role(trust(OWN)),
        ),
        None,
    ),
    "a role trusts another account": (
        resource(
            "aws_iam_role",
            "change",
            role(trust(OWN)),
            role(
                policy(*json.loads(trust(OWN))["Statement"], allow("sts:AssumeRole", Principal={"AWS": "111122223333"}))
            ),
        ),
        "BLOCKING permissions aws_iam_role.x would also allow sts:AssumeRole to AWS:arn:aws:iam::111122223333:root",
    ),
    "a policy with one more action": (
        resource(
            "aws_iam_role_policy",
            "change",
            role_policy(policy(READ)),
            role_policy(policy(allow(["s3:GetObject", "s3:DeleteBucket"], [f"{MEDIA}/*"]))),
        ),
        f"BLOCKING permissions aws_iam_role_policy.x would also allow s3:DeleteBucket on {MEDIA}/*",
    ),
    "a policy with one more resource": (
        resource(
            "aws_iam_role_policy",
            "change",
            role_policy(policy(READ)),
            role_policy(policy(allow(["s3:GetObject"], [f"{MEDIA}/*", "*"]))),
        ),
        "BLOCKING permissions aws_iam_role_policy.x would also allow s3:GetObject on *",
    ),
    "a policy written otherwise": (
        resource(
            "aws_iam_role_policy",
            "change",
            role_policy(policy(allow(["s3:GetObject", "s3:PutObject"], f"{MEDIA}/*"))),
            role_policy(policy(allow("s3:putobject", [f"{MEDIA}/*"]), allow("s3:GetObject", [f"{MEDIA}/uploads/*"]))),
        ),
        None,
    ),
    "a policy that allows all but something": (
        resource(
            "aws_iam_role_policy",
            "change",
            role_policy(policy(READ)),
            role_policy(policy(READ, {"Effect": "Allow", "NotAction": "iam:*", "Resource": f"{MEDIA}/*"})),
        ),
        f'BLOCKING permissions aws_iam_role_policy.x would also allow NotAction "iam:*" on {MEDIA}/*',
    ),
    "a policy without its condition": (
        resource(
            "aws_iam_role_policy",
            "change",
            role_policy(policy({**READ, "Condition": {"IpAddress": {"aws:SourceIp": "10.20.0.0/16"}}})),
            role_policy(policy(READ)),
        ),
        f"BLOCKING permissions aws_iam_role_policy.x would also allow s3:GetObject on {MEDIA}/*",
    ),
    "a policy that denies no longer": (
        resource("aws_iam_role_policy", "destroy", role_policy(policy(READ, {**READ, "Effect": "Deny"}))),
        f"BLOCKING permissions aws_iam_role_policy.x would no longer deny s3:GetObject on {MEDIA}/*",
    ),
    "a new policy of a role that was there": (
        resource("aws_iam_role_policy", "create", None, role_policy(policy(READ))),
        f"BLOCKING permissions aws_iam_role_policy.x would also allow s3:GetObject on {MEDIA}/*",
    ),
    "policies attached by hand stay": (
        resource("aws_iam_role_policies_exclusive", "destroy", {"policy_names": ["media"]}),
        "BLOCKING permissions aws_iam_role_policies_exclusive.x would no longer remove what is "
        "attached to the role by hand",
    ),
    "one more attachment": (
        resource(
            "aws_iam_role_policy_attachments_exclusive", "change", {"policy_arns": []}, {"policy_arns": ["arn:a"]}
        ),
        "BLOCKING permissions aws_iam_role_policy_attachments_exclusive.x would also attach arn:a",
    ),
    "no permissions boundary": (
        resource("aws_iam_role", "change", role(trust(OWN)), {**role(trust(OWN)), "permissions_boundary": None}),
        f"BLOCKING permissions aws_iam_role.x would have the permissions boundary None; allowed: {BOUNDARY}",
    ),
    "a service account with another role": (
        resource(
            "kubernetes_service_account_v1",
            "create",
            None,
            service_account("core-api", "arn:aws:iam::1:role/admin"),
        ),
        "BLOCKING permissions kubernetes_service_account_v1.x would act as arn:aws:iam::1:role/admin; "
        f"its own role is arn:aws:iam::{ACCOUNT}:role/mosaic-staging-core-api-role",
    ),
    "a service account with its own role": (
        resource(
            "kubernetes_service_account_v1",
            "create",
            None,
            service_account("external-secrets", f"arn:aws:iam::{ACCOUNT}:role/mosaic-staging-external-secrets-role"),
        ),
        None,
    ),
    "a service account with the role of another one": (
        resource(
            "kubernetes_service_account_v1",
            "create",
            None,
            service_account("core-api", f"arn:aws:iam::{ACCOUNT}:role/mosaic-staging-external-secrets-role"),
        ),
        "BLOCKING permissions kubernetes_service_account_v1.x would act as "
        f"arn:aws:iam::{ACCOUNT}:role/mosaic-staging-external-secrets-role; "
        f"its own role is arn:aws:iam::{ACCOUNT}:role/mosaic-staging-core-api-role",
    ),
    "a service account that has no role": (
        resource(
            "kubernetes_service_account_v1",
            "create",
            None,
            service_account("web", f"arn:aws:iam::{ACCOUNT}:role/mosaic-staging-core-api-role"),
        ),
        "BLOCKING permissions kubernetes_service_account_v1.x would act as "
        f"arn:aws:iam::{ACCOUNT}:role/mosaic-staging-core-api-role; its own role is none",
    ),
}


@pytest.mark.parametrize("case", CHANGES)
def test_the_guard_judges_each_change_of_permissions(case: str) -> None:
    assert_said(RULES, *CHANGES[case])


def test_every_rule_has_a_change_that_breaks_it() -> None:
    assert rules_broken_by(CHANGES) == {rule.id for rule in RULES}


@pytest.mark.parametrize("is_adopted", [False, True])
def test_a_new_roles_policy_must_be_exact(is_adopted: bool) -> None:  # noqa: FBT001 a parameter of the test
    importing: dict[str, Any] = {"importing": {"id": "mosaic-staging-core-api-role"}} if is_adopted else {}
    kind, before = ("change", role(trust(OWN))) if is_adopted else ("create", None)
    new_role = resource("aws_iam_role", kind, before, role(trust(OWN)), **importing)
    exact = resource("aws_iam_role_policy", "create", None, role_policy(policy(READ)))
    wide = resource("aws_iam_role_policy", "create", None, role_policy(policy(allow("s3:*", f"{MEDIA}/*"))))
    assert (judged_in_staging(RULES, new_role, exact)) == []
    assert (judged_in_staging(RULES, new_role, wide)) == [
        f"BLOCKING permissions aws_iam_role_policy.x would allow more than a new policy may: s3:* on {MEDIA}/*"
    ]


@pytest.mark.parametrize(
    ("path", "is_exact"),
    [
        ("mosaic/prod/google-oauth-??????", True),
        ("mosaic/prod/google-oauth-?????", False),
        ("mosaic/prod/google-oauth-???????", False),
        ("mosaic/*-??????", False),
        ("*-??????", False),
    ],
)
def test_a_new_policy_may_name_a_secret_by_its_path(path: str, is_exact: bool) -> None:  # noqa: FBT001 a parameter
    """A wildcard is needed for one secret: AWS appends six unpredictable characters to its ARN."""
    arn = f"arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret:{path}"
    new_role = resource("aws_iam_role", "create", None, role(trust(OWN)))
    new_policy = role_policy(policy(allow("secretsmanager:GetSecretValue", [arn])))
    lines = judged_in_staging(RULES, new_role, resource("aws_iam_role_policy", "create", None, new_policy))
    wide = (
        "BLOCKING permissions aws_iam_role_policy.x would allow more than a new policy may: "
        f"secretsmanager:GetSecretValue on {arn}"
    )
    assert lines == ([] if is_exact else [wide])


def test_a_statement_may_move_between_a_roles_policies() -> None:
    rows = (
        resource("aws_iam_role_policy", "destroy", role_policy(policy(READ)), name="old"),
        resource("aws_iam_role_policy", "create", None, role_policy(policy(READ)), name="new"),
    )
    assert (judged_in_staging(RULES, *rows)) == []


def test_a_policy_known_after_apply_is_judged_by_its_expression() -> None:
    """A policy with a new bucket's ARN is unknown as a whole; the stack has its expression."""
    bucket = resource(
        "aws_s3_bucket", "unchanged", {}, {"bucket": "mosaic-staging-media-033691785857", "arn": MEDIA}, name="media"
    )
    unknown = resource(
        "aws_iam_role_policy",
        "change",
        role_policy(policy(READ)),
        {"name": "media", "role": "mosaic-staging-core-api-role"},
        after_unknown={"policy": True},
    )
    for expression, expected in (
        (policy(allow("s3:GetObject", "${aws_s3_bucket.media.arn}/*")), []),
        (
            policy(allow("s3:GetObject", "${aws_s3_bucket.new.arn}/*")),
            ["BLOCKING permissions aws_iam_role_policy.x would also allow s3:GetObject on ${aws_s3_bucket.new.arn}/*"],
        ),
    ):
        assert (judged_in_staging(RULES, bucket, unknown, policy=expression)) == expected


def test_a_role_that_names_managed_policies_itself_is_refused() -> None:
    row = resource("aws_iam_role", "change", role(trust(OWN)), role(trust(OWN)))
    assert (judged_in_staging(RULES, row, managed_policy_arns=["arn:aws:iam::aws:policy/AdministratorAccess"])) == [
        "BLOCKING permissions aws_iam_role.x has managed_policy_arns: only policies of their own can be judged"
    ]
