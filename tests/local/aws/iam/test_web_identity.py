"""The local STS accepts only genuine service account tokens, and only for roles that trust them."""

import base64
import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError
from cryptography.hazmat.primitives.asymmetric import rsa
from joserfc import jwt
from joserfc.jwk import RSAKey
from lightkube import Client
from lightkube.models.authentication_v1 import TokenRequestSpec
from lightkube.models.meta_v1 import ObjectMeta
from lightkube.resources.core_v1 import ServiceAccountToken

from local.aws.clients import AwsClients
from local.kubernetes.control_plane import OIDC_ISSUER
from local.state import Cloud
from tests.account import SHARED

ISSUER = OIDC_ISSUER.removeprefix("https://")
PROVIDER = f"arn:aws:iam::{SHARED.account}:oidc-provider/{ISSUER}"
SUBJECT = "system:serviceaccount:default:default"
STS = "sts.amazonaws.com"
Claims = dict[str, Any]


@pytest.fixture(scope="module", autouse=True)
def roles(aws: AwsClients) -> Iterator[None]:
    conditions = {
        "exact": {"StringEquals": {f"{ISSUER}:sub": SUBJECT, f"{ISSUER}:aud": STS}},
        "pattern": {"StringLike": {f"{ISSUER}:sub": "system:serviceaccount:default:*"}},
        "other": {"StringEquals": {f"{ISSUER}:sub": "system:serviceaccount:other:default"}},
        "unusual": {"StringEquals": {f"{ISSUER}:amr": "x"}},
    }
    for name, condition in conditions.items():
        statement = {
            "Effect": "Allow",
            "Principal": {"Federated": PROVIDER},
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": condition,
        }
        document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        aws.iam.create_role(RoleName=f"web-identity-{name}", AssumeRolePolicyDocument=document)
    yield
    # Later tests on this cloud check every role of the account.
    for name in conditions:
        aws.iam.delete_role(RoleName=f"web-identity-{name}")


@pytest.fixture
def real(kubernetes: Client) -> str:
    return requested(kubernetes, STS)


def requested(kubernetes: Client, audience: str) -> str:
    request = ServiceAccountToken(metadata=ObjectMeta(), spec=TokenRequestSpec(audiences=[audience]))
    answer = kubernetes.create(request, "default", namespace="default")
    assert answer.status is not None
    return str(answer.status.token)


def assume(aws: AwsClients, token: str, role: str = "exact") -> str:
    """Return the identity that STS admitted, or its error's code and message."""
    arn = f"arn:aws:iam::{SHARED.account}:role/web-identity-{role}"
    try:
        answer = aws.sts.assume_role_with_web_identity(RoleArn=arn, RoleSessionName="test", WebIdentityToken=token)
    except ClientError as error:
        return f"{error.response['Error']['Code']}: {error.response['Error'].get('Message')}"
    return answer["AssumedRoleUser"]["Arn"].rpartition(":")[2]


@pytest.mark.parametrize("role", ["exact", "pattern"])
def test_a_role_that_trusts_a_real_token_admits_it(aws: AwsClients, real: str, role: str) -> None:
    assert assume(aws, real, role) == f"assumed-role/web-identity-{role}/test"


@pytest.mark.parametrize("role", ["other", "none"])
def test_other_roles_refuse_a_real_token(aws: AwsClients, real: str, role: str) -> None:
    assert assume(aws, real, role) == "AccessDenied: Not authorized to perform sts:AssumeRoleWithWebIdentity"


def test_a_token_for_another_audience_is_refused(aws: AwsClients, kubernetes: Client) -> None:
    assert assume(aws, requested(kubernetes, "vault")) == "InvalidIdentityToken: Incorrect token audience"


def claims_of(token: str) -> Claims:
    payload = token.split(".")[1]
    claims: Claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return claims


def with_subject(token: str, subject: str) -> str:
    """Return the same token and signature with another subject inside."""
    header, _, signature = token.split(".")
    changed = json.dumps(claims_of(token) | {"sub": subject}).encode()
    return ".".join([header, base64.urlsafe_b64encode(changed).decode().rstrip("="), signature])


def without_signature(token: str) -> str:
    header = base64.urlsafe_b64encode(b'{"alg":"none"}').decode().rstrip("=")
    return f"{header}.{token.split('.')[1]}."


def of_another_key(token: str) -> str:
    stranger = RSAKey.import_key(rsa.generate_private_key(public_exponent=65537, key_size=2048))
    return jwt.encode({"alg": "RS256"}, claims_of(token), stranger)


@pytest.mark.parametrize(
    "forge",
    [
        lambda token: with_subject(token, "system:serviceaccount:other:default"),
        without_signature,
        of_another_key,
        lambda token: token.rsplit(".", 1)[0],
        lambda _: "not.a.token",
    ],
    ids=["another subject", "no signature", "another key", "signature cut off", "not a token"],
)
def test_a_forged_token_is_refused(aws: AwsClients, real: str, forge: Callable[[str], str]) -> None:
    assert assume(aws, forge(real), "pattern").startswith("InvalidIdentityToken: The ID Token provided is not a valid")


@pytest.mark.parametrize(
    ("changed", "answer"),
    [
        ({}, "assumed-role/web-identity-exact/test"),
        ({"exp": int(time.time()) - 1}, "ExpiredTokenException: Token expired"),
        ({"nbf": int(time.time()) + 3600}, "ExpiredTokenException: Token expired"),
        (
            {"iss": "https://token.example.com"},
            "InvalidIdentityToken: Couldn't retrieve verification key from your identity provider",
        ),
    ],
)
def test_time_and_issuer_are_checked_even_with_the_right_key(
    cloud: Cloud, aws: AwsClients, real: str, changed: Claims, answer: str
) -> None:
    key = RSAKey.import_key(cloud.certificates.service_account_key.read_text())
    assert assume(aws, jwt.encode({"alg": "RS256"}, claims_of(real) | changed, key)) == answer


def test_the_error_names_an_unknown_claim(aws: AwsClients, real: str) -> None:
    assert f"condition key {ISSUER}:amr is not known here" in assume(aws, real, "unusual")
