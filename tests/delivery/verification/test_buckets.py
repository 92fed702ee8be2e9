"""The checks of a bucket's policy and ACL."""

from typing import TYPE_CHECKING, Any

import pytest

from delivery.verification.buckets import grants_to_everybody, policy_problems
from tests.delivery.verification.changes import Change, changed

if TYPE_CHECKING:
    from mypy_boto3_s3.type_defs import GrantTypeDef

BUCKET = "mosaic-staging-media-033691785857"
TLS_ONLY: dict[str, Any] = {
    "Statement": [
        {
            "Sid": "DenyWithoutTLS",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": [f"arn:aws:s3:::{BUCKET}", f"arn:aws:s3:::{BUCKET}/*"],
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        }
    ]
}


def statement(policy: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = policy["Statement"][0]
    return found


def test_a_policy_denying_requests_without_tls_is_accepted() -> None:
    assert policy_problems(TLS_ONLY, BUCKET) == []


@pytest.mark.parametrize(
    "change",
    [
        lambda it: it.clear(),
        lambda it: statement(it).update(Effect="Allow"),
        lambda it: statement(it).update(Principal={"AWS": "arn:aws:iam::111122223333:root"}),
        lambda it: statement(it).update(Action="s3:GetObject"),
        lambda it: statement(it)["Resource"].pop(),
        lambda it: statement(it)["Condition"]["Bool"].update({"aws:SecureTransport": "true"}),
        lambda it: statement(it)["Condition"].update(StringEquals={"aws:PrincipalAccount": "111122223333"}),
    ],
    ids=[
        "no statement",
        "allowed",
        "denied to one account",
        "one action denied",
        "objects not covered",
        "connections with TLS denied",
        "one more condition",
    ],
)
def test_a_policy_allowing_requests_without_tls_is_reported(change: Change) -> None:
    assert "no statement denies requests without TLS" in policy_problems(changed(TLS_ONLY, change), BUCKET)


def test_a_statement_granting_access_is_reported() -> None:
    stranger = {"Sid": "ByHand", "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"}
    policy = changed(TLS_ONLY, lambda it: it["Statement"].append(stranger))
    assert policy_problems(policy, BUCKET) == ['the statement ByHand allows "*"']


def test_strangers_in_an_acl_are_reported() -> None:
    groups = "http://acs.amazonaws.com/groups/global/"
    owner: GrantTypeDef = {"Grantee": {"Type": "CanonicalUser", "ID": "owner"}, "Permission": "FULL_CONTROL"}
    everybody: GrantTypeDef = {"Grantee": {"Type": "Group", "URI": f"{groups}AllUsers"}, "Permission": "READ"}
    assert grants_to_everybody([owner]) == []
    assert grants_to_everybody([owner, everybody]) == ["AllUsers"]
