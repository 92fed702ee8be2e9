"""The permissions that a role would lose when adopted: policy documents compared statement by statement."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from delivery.preflight.permission_losses import Loss, RolePolicy, lost_permissions, lost_trust
from modules.model.core_api_permissions import core_api_permissions
from modules.model.iam_policy_document import PolicyError
from modules.model.names import Names
from modules.model.selected_settings import SETTINGS, SHARED
from tests.unit.environments.example import environment as example

NAMES = Names.of(SETTINGS.find("prod"), SHARED)
PLAIN = example({"name": "prod", "stage": "production"})
MAIL = example(
    {
        "name": "prod",
        "stage": "production",
        "capabilities": ("ses",),
        "parameters": {"ses_from_email": "a@mosaiclife.me"},
    }
)
BUCKET = f"arn:aws:s3:::{NAMES.media_bucket}"
SECRET = f"arn:aws:secretsmanager:us-east-1:{SHARED.account}:secret:{NAMES.session_key}"
ISSUER = "oidc.eks.us-east-1.amazonaws.com/id/A"
PROVIDER = f"arn:aws:iam::{SHARED.account}:oidc-provider/{ISSUER}"
SUBJECT = "system:serviceaccount:mosaic-prod:core-api"
Statement = Mapping[str, Any]


def allow(action: str | Sequence[str], resource: str | Sequence[str] = "*", **more: object) -> Statement:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def losses(*statements: Statement, environment: Any = PLAIN) -> list[Loss]:  # noqa: ANN401 settings
    policy = RolePolicy(title="inline policy a", document={"Statement": list(statements)})
    given = core_api_permissions(environment, SHARED, Names.of(environment, SHARED))
    return list(lost_permissions([policy], given))


def names_of(*statements: Statement, environment: Any = PLAIN) -> list[str]:  # noqa: ANN401 settings
    return [loss.name for loss in losses(*statements, environment=environment)]


@pytest.mark.parametrize(
    "statement",
    [
        allow("s3:GetObject", f"{BUCKET}/*"),
        allow("s3:getobject", f"{BUCKET}/stories/*"),
        allow(["s3:GetObject", "s3:PutObject", "s3:ListBucket"], [BUCKET, f"{BUCKET}/*"]),
        allow("secretsmanager:GetSecretValue", f"{SECRET}-AbCdEf"),
        allow("secretsmanager:GetSecretValue", f"{SECRET}-??????"),
        allow("s3:GetObject", f"{BUCKET}/*", Condition={"Bool": {"aws:SecureTransport": "true"}}),
        {**allow("*"), "Effect": "Deny"},
    ],
    ids=str,
)
def test_permissions_the_settings_grant_are_not_lost(statement: Statement) -> None:
    assert names_of(statement) == []


@pytest.mark.parametrize(
    ("statement", "lost"),
    [
        (allow("ses:SendEmail"), ["ses:SendEmail"]),
        (allow(["ses:SendEmail", "ses:SendRawEmail"]), ["ses:SendEmail", "ses:SendRawEmail"]),
        (allow("s3:*", [BUCKET, f"{BUCKET}/*"]), [f"s3:* on {BUCKET}", f"s3:* on {BUCKET}/*"]),
        (allow("s3:Get*", f"{BUCKET}/*"), [f"s3:Get* on {BUCKET}/*"]),
        (allow("s3:GetObjectAcl", f"{BUCKET}/*"), [f"s3:GetObjectAcl on {BUCKET}/*"]),
        (allow("s3:GetObject", "arn:aws:s3:::mosaic-prod-*"), ["s3:GetObject on arn:aws:s3:::mosaic-prod-*"]),
        (allow("s3:GetObject", "arn:aws:s3:::another/*"), ["s3:GetObject on arn:aws:s3:::another/*"]),
        (allow("s3:GetObject"), ["s3:GetObject"]),
        (allow("secretsmanager:GetSecretValue", f"{SECRET}-*"), [f"secretsmanager:GetSecretValue on {SECRET}-*"]),
        (allow("*"), ["*"]),
        ({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}, ['NotAction "iam:*"']),
    ],
    ids=str,
)
def test_permissions_the_settings_do_not_grant_are_reported(statement: Statement, lost: list[str]) -> None:
    assert names_of(statement) == lost


def test_a_capabilitys_permissions_hold_only_under_its_conditions() -> None:
    condition = {"StringEquals": {"ses:FromAddress": "a@mosaiclife.me"}}
    assert names_of(allow("ses:SendEmail", Condition=condition), environment=MAIL) == []
    assert names_of(allow("ses:SendEmail"), environment=MAIL) == ["ses:SendEmail"]
    another = {"StringEquals": {"ses:FromAddress": "b@c.de"}}
    (loss,) = losses(allow("ses:SendEmail", Condition=another), environment=MAIL)
    assert loss.limits == "if ses:FromAddress StringEquals b@c.de"


def test_a_loss_names_its_statement() -> None:
    first, second = losses(allow("ses:SendEmail", Sid="Mail"), {**allow("a:b"), "Effect": "Deny"}, allow("sns:Publish"))
    assert first.place == "inline policy a, statement Mail"
    assert second.place == "inline policy a, statement 3"


@pytest.mark.parametrize("document", [{}, {"Statement": "all"}, {"Statement": [{"Effect": "Maybe"}]}], ids=str)
def test_an_invalid_policy_document_is_refused_or_grants_nothing(document: Mapping[str, object]) -> None:
    policy = RolePolicy(title="a", document=document)
    if document:
        with pytest.raises(PolicyError):
            list(lost_permissions([policy], []))
    else:
        assert list(lost_permissions([policy], [])) == []


def trust(condition: Mapping[str, Any], principal: object = None) -> list[str]:
    statement = {
        "Effect": "Allow",
        "Principal": principal or {"Federated": PROVIDER},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": condition,
    }
    policy = RolePolicy(title="trust policy", document={"Statement": statement})
    return [loss.name for loss in lost_trust(policy, provider=PROVIDER, subject=SUBJECT)]


def sub(operator: str, *values: str) -> Mapping[str, Any]:
    return {operator: {f"{ISSUER}:sub": list(values), f"{ISSUER}:aud": "sts.amazonaws.com"}}


@pytest.mark.parametrize(
    ("condition", "lost"),
    [
        (sub("StringEquals", SUBJECT), []),
        (sub("StringLike", SUBJECT), []),
        (
            sub("StringLike", SUBJECT, "system:serviceaccount:preview-pr-*:core-api"),
            ["trust:system:serviceaccount:preview-pr-*:core-api"],
        ),
        (sub("StringLike", "system:serviceaccount:mosaic-prod:*"), ["trust:system:serviceaccount:mosaic-prod:*"]),
        (sub("StringNotLike", SUBJECT), [f"trust:Federated:{PROVIDER}"]),
        ({}, [f"trust:Federated:{PROVIDER}"]),
    ],
    ids=str,
)
def test_subjects_that_could_assume_the_role_are_reported(condition: Mapping[str, Any], lost: list[str]) -> None:
    assert trust(condition) == lost


@pytest.mark.parametrize(
    ("principal", "lost"),
    [
        ({"Service": "ec2.amazonaws.com"}, "trust:Service:ec2.amazonaws.com"),
        ({"AWS": "033691785857"}, "trust:AWS:arn:aws:iam::033691785857:root"),
        ({"Federated": f"{PROVIDER}B"}, f"trust:Federated:{PROVIDER}B"),
        ("*", "trust:*"),
    ],
    ids=str,
)
def test_any_other_principal_is_reported(principal: object, lost: str) -> None:
    assert trust(sub("StringEquals", SUBJECT), principal) == [lost]
