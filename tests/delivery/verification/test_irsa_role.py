"""The checks of a role's trust and policies."""

from typing import Any

import pytest

from delivery.verification.irsa_role import allowed_resources, is_exactly, trust_problems
from modules.model.selected_settings import SHARED
from tests.delivery.verification.changes import Change, changed

ISSUER = "oidc.eks.us-east-1.amazonaws.com/id/0123456789ABCDEF"
PROVIDER = f"arn:aws:iam::{SHARED.account}:oidc-provider/{ISSUER}"
SUBJECT = "system:serviceaccount:mosaic-staging:core-api"
TRUST: dict[str, Any] = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Principal": {"Federated": PROVIDER},
            "Condition": {"StringEquals": {f"{ISSUER}:sub": SUBJECT, f"{ISSUER}:aud": "sts.amazonaws.com"}},
        }
    ],
}


def problems(document: dict[str, Any]) -> list[str]:
    return trust_problems(document, provider=PROVIDER, issuer=ISSUER, subject=SUBJECT)


def statement(document: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = document["Statement"][0]
    return found


def conditions(document: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = statement(document)["Condition"]["StringEquals"]
    return found


def test_exact_trust_is_accepted() -> None:
    assert problems(TRUST) == []


def test_trust_written_with_lists_of_one_is_the_same() -> None:
    listed = changed(TRUST, lambda it: statement(it).update(Action=["sts:AssumeRoleWithWebIdentity"]))
    conditions(listed)[f"{ISSUER}:sub"] = [SUBJECT]
    assert problems(listed) == []


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda it: it["Statement"].append(it["Statement"][0]), "2 statements"),
        (lambda it: it["Statement"].clear(), "0 statements"),
        (lambda it: statement(it).update(Effect="Deny"), "Effect"),
        (lambda it: statement(it).update(Principal="*"), "Principal"),
        (lambda it: statement(it).update(Principal={"Federated": PROVIDER, "AWS": "*"}), "Principal"),
        (lambda it: statement(it).update(Action=["sts:AssumeRoleWithWebIdentity", "sts:TagSession"]), "Action"),
        (lambda it: statement(it).pop("Condition"), "Condition"),
        (lambda it: conditions(it).pop(f"{ISSUER}:aud"), "Condition"),
        (lambda it: conditions(it).update({f"{ISSUER}:sub": [SUBJECT, "other"]}), "Condition"),
        (lambda it: conditions(it).update({f"{ISSUER}:sub": SUBJECT.replace("staging", "prod")}), "mosaic-prod"),
        (lambda it: statement(it).update(Condition={"StringLike": conditions(it)}), "StringLike"),
    ],
)
def test_a_differing_trust_is_reported(change: Change, named: str) -> None:
    assert named in ", ".join(problems(changed(TRUST, change)))


def test_a_policy_covers_the_resources_it_allows() -> None:
    document = {
        "Statement": [
            {"Effect": "Allow", "Action": "s3:GetObject", "Resource": ["arn:one", "arn:two"]},
            {"Effect": "Deny", "Action": "*", "Resource": "arn:three"},
        ]
    }
    assert allowed_resources(document) == {"arn:one", "arn:two"}


def test_all_but_something_counts_as_all() -> None:
    document = {"Statement": {"Effect": "Allow", "Action": "*", "NotResource": "arn:four"}}
    assert allowed_resources(document) == {"*"}


CAPABILITIES: list[dict[str, Any]] = [
    {"Effect": "Allow", "Action": ["sns:Publish"], "Resource": ["arn:aws:sns:us-east-1:033691785857:a"]},
    {
        "Effect": "Allow",
        "Action": ["ses:SendEmail"],
        "Resource": ["*"],
        "Condition": {"StringEquals": {"ses:FromAddress": "a@mosaiclife.me"}},
    },
]


def test_a_capabilitys_policy_must_equal_the_contracts_in_any_notation() -> None:
    assert is_exactly({"Statement": CAPABILITIES}, CAPABILITIES)
    assert is_exactly({"Statement": [CAPABILITIES[1], {**CAPABILITIES[0], "Action": "sns:Publish"}]}, CAPABILITIES)
    assert is_exactly({"Statement": CAPABILITIES[0]}, CAPABILITIES[:1])


@pytest.mark.parametrize(
    "statements",
    [
        CAPABILITIES[:1],
        [*CAPABILITIES, {"Effect": "Allow", "Action": "ses:*", "Resource": "*"}],
        [CAPABILITIES[0], {key: value for key, value in CAPABILITIES[1].items() if key != "Condition"}],
        [CAPABILITIES[0], {**CAPABILITIES[1], "Action": ["ses:SendEmail", "ses:SendRawEmail"]}],
    ],
)
def test_any_other_policy_of_a_capability_is_found(statements: list[dict[str, Any]]) -> None:
    assert not is_exactly({"Statement": statements}, CAPABILITIES)
