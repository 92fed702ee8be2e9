"""How the local cloud evaluates IAM policy documents; an undecidable case is an error."""

import json
from typing import Any

import pytest

from local.aws.iam.policy import Decision, PolicyError, Request, evaluate

PICTURE = Request(
    action="s3:GetObject",
    resource="arn:aws:s3:::media/a/1.jpg",
    context={
        "aws:securetransport": ["true"],
        "issuer:sub": ["system:serviceaccount:one:api"],
        "s3:prefix": [],
        "aws:resourcetag/": [],
        "aws:resourcetag/owner": ["one"],
    },
    principals=frozenset({"AWS:arn:aws:iam::033691785857:role/api"}),
)


def statement(**parts: object) -> dict[str, Any]:
    plain = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::media/*"}
    return {name: value for name, value in {**plain, **parts}.items() if value is not None}


def decision(*statements: dict[str, Any]) -> Decision:
    return evaluate(json.dumps({"Version": "2012-10-17", "Statement": statements}), PICTURE)


@pytest.mark.parametrize(
    "parts",
    [
        {},
        {"Action": "S3:getobject"},
        {"Action": "s3:Get*"},
        {"Action": ["s3:PutObject", "*"]},
        {"Action": None, "NotAction": "s3:PutObject"},
        {"Resource": "*"},
        {"Resource": "arn:aws:s3:::media/?/1.jpg"},
        {"Resource": None, "NotResource": "arn:aws:s3:::backups/*"},
        {"Principal": "*"},
        {"Principal": {"AWS": "*"}},
        {"Principal": {"AWS": ["arn:aws:iam::033691785857:role/api"]}},
        {"Condition": {"Bool": {"aws:SecureTransport": "true"}}},
        {"Condition": {"StringLike": {"issuer:sub": ["nobody", "system:serviceaccount:one:*"]}}},
        {"Condition": {"StringNotEquals": {"issuer:sub": ["a", "b"]}}},
        {"Condition": {"StringEqualsIfExists": {"s3:prefix": "a"}}},
        {"Condition": {"StringNotEquals": {"s3:prefix": "a"}}},
        {"Condition": {"ForAnyValue:StringEquals": {"issuer:sub": "system:serviceaccount:one:api"}}},
        {"Condition": {"ForAllValues:StringEquals": {"s3:prefix": "a"}}},
        {"Condition": {"Null": {"s3:prefix": "true"}}},
        {"Condition": {"StringEquals": {"aws:ResourceTag/owner": "one"}}},
        {"Condition": {"Null": {"aws:ResourceTag/owner": "false", "aws:ResourceTag/other": "true"}}},
    ],
)
def test_an_applicable_statement_allows(parts: dict[str, Any]) -> None:
    assert decision(statement(**parts)) is Decision.ALLOWED


@pytest.mark.parametrize(
    "parts",
    [
        {"Action": "s3:PutObject"},
        {"Action": "s3:GetObjectVersion"},
        {"Action": None, "NotAction": "s3:*"},
        {"Resource": "arn:aws:s3:::media"},
        {"Resource": "arn:aws:s3:::media/a/1xjpg"},
        {"Resource": "arn:aws:s3:::MEDIA/*"},
        {"Resource": None, "NotResource": "arn:aws:s3:::media/*"},
        {"Principal": {"AWS": "arn:aws:iam::033691785857:role/web"}},
        {"Principal": {"Federated": "*"}},
        {"Condition": {"Bool": {"aws:SecureTransport": "false"}}},
        {"Condition": {"StringEquals": {"issuer:sub": "system:serviceaccount:one:*"}}},
        {"Condition": {"StringEquals": {"issuer:sub": "system:serviceaccount:one:api", "s3:prefix": "a"}}},
        {"Condition": {"StringNotLike": {"issuer:sub": ["nobody", "system:serviceaccount:*"]}}},
        {"Condition": {"Null": {"issuer:sub": "true"}}},
        {"Condition": {"StringEquals": {"aws:ResourceTag/other": "one"}}},
    ],
)
def test_an_inapplicable_statement_denies_implicitly(parts: dict[str, Any]) -> None:
    assert decision(statement(**parts)) is Decision.IMPLICIT_DENY


def test_a_deny_overrides_any_allow() -> None:
    assert decision(statement(), statement(Effect="Deny", Resource="*"), statement()) is Decision.EXPLICIT_DENY


@pytest.mark.parametrize(
    "parts",
    [
        {"Resource": None, "NotResource": "arn:aws:s3:::backups/*"},
        {"Resource": None, "NotResource": ["arn:aws:s3:::backups/*", "arn:aws:s3:::media/b/*"]},
        {"Action": "s3:*", "Resource": None, "NotResource": "arn:aws:s3:::media"},
        {"Action": None, "NotAction": "s3:PutObject"},
        {"Action": None, "NotAction": ["s3:Put*", "s3:List*"], "Resource": None, "NotResource": "arn:aws:s3:::other"},
        # A request without the key meets the condition.
        {"Condition": {"StringNotEquals": {"s3:prefix": "a"}}},
        {"Condition": {"ArnNotLike": {"s3:prefix": "arn:aws:iam::*"}}},
    ],
)
def test_a_deny_with_a_not_element_applies_to_everything_it_does_not_name(parts: dict[str, Any]) -> None:
    assert decision(statement(), statement(Effect="Deny", **parts)) is Decision.EXPLICIT_DENY


@pytest.mark.parametrize(
    "parts",
    [
        {"Resource": None, "NotResource": "arn:aws:s3:::media/*"},
        {"Resource": None, "NotResource": ["arn:aws:s3:::backups/*", "arn:aws:s3:::media/?/1.jpg"]},
        {"Action": "s3:PutObject", "Resource": None, "NotResource": "arn:aws:s3:::backups/*"},
        {"Action": None, "NotAction": ["s3:Get*"]},
        {"Action": None, "NotAction": "s3:PutObject", "Resource": None, "NotResource": "arn:aws:s3:::media/*"},
    ],
)
def test_a_deny_with_a_not_element_does_not_apply_to_what_it_names(parts: dict[str, Any]) -> None:
    assert decision(statement(), statement(Effect="Deny", **parts)) is Decision.ALLOWED


def test_a_deny_with_not_resource_applies_to_calls_without_a_resource() -> None:
    anything = Request(action="s3:ListAllMyBuckets", resource="*", context={})
    allowed, denied = (
        {"Effect": "Allow", "Action": "*", "Resource": "*"},
        {"Effect": "Deny", "Action": "s3:*", "NotResource": "arn:aws:s3:::media/*"},
    )
    assert evaluate({"Statement": [allowed, denied]}, anything) is Decision.EXPLICIT_DENY


def test_a_deny_with_an_unmet_condition_denies_nothing() -> None:
    unencrypted = {"Bool": {"aws:SecureTransport": "false"}}
    assert decision(statement(), statement(Effect="Deny", Condition=unencrypted)) is Decision.ALLOWED


@pytest.mark.parametrize(
    ("parts", "named"),
    [
        ({"Condition": {"StringEquals": {"aws:UserAgent": "x"}}}, "aws:UserAgent"),
        ({"Condition": {"DateLessThan": {"s3:prefix": "2026-11-24"}}}, "DateLessThan"),
        ({"Resource": "arn:aws:s3:::media/${aws:username}"}, "aws:username"),
        ({"NotPrincipal": {"AWS": "*"}}, "NotPrincipal"),
    ],
)
def test_undecidable_elements_are_an_error_that_names_them(parts: dict[str, Any], named: str) -> None:
    with pytest.raises(PolicyError, match=named):
        decision(statement(**parts))
