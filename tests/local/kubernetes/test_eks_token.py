"""The API server identifies the holder of an EKS token only through STS, and accepts only tokens for this cluster."""

import base64
import json
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest

from local.aws.clients import AwsClients
from local.aws.credentials import AccessKey
from local.state import Cloud
from tests.account import SHARED
from tests.local.aws.presigned_url import presigned
from tests.local.loopback import request


def token(url: str) -> str:
    return "k8s-aws-v1." + base64.urlsafe_b64encode(url.encode()).decode().rstrip("=")


def ask(cloud: Cloud, bearer: str, path: str, body: dict[str, Any] | None = None) -> tuple[int, dict[str, Any]]:
    status, answer = request(
        cloud,
        cloud.kubernetes_url + path,
        method="GET" if body is None else "POST",
        headers={"Authorization": f"Bearer {bearer}", "Content-Type": "application/json"},
        body=None if body is None else json.dumps(body),
    )
    return status, json.loads(answer)


def who(cloud: Cloud, bearer: str) -> tuple[int, dict[str, Any]]:
    review = {"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"}
    return ask(cloud, bearer, "/apis/authentication.k8s.io/v1/selfsubjectreviews", review)


def test_the_accounts_administrator_administers_the_cluster(cloud: Cloud) -> None:
    bearer = token(presigned(cloud.aws_endpoint, cloud.key()))
    status, review = who(cloud, bearer)
    assert status == 201
    assert review["status"]["userInfo"]["username"] == f"arn:aws:iam::{SHARED.account}:user/administrator"
    assert ask(cloud, bearer, "/api/v1/secrets")[0] == 200


def test_an_identity_without_an_access_entry_is_not_admitted(cloud: Cloud, aws: AwsClients) -> None:
    aws.iam.create_user(UserName="developer")
    key = aws.iam.create_access_key(UserName="developer")["AccessKey"]
    developer = AccessKey(id=key["AccessKeyId"], secret=key["SecretAccessKey"])
    assert who(cloud, token(presigned(cloud.aws_endpoint, developer)))[0] == 401
    arn = f"arn:aws:iam::{SHARED.account}:user/developer"
    aws.eks.create_access_entry(clusterName=SHARED.cluster, principalArn=arn)
    # The API server caches the answer about a token for 5 s.
    bearer = token(presigned(cloud.aws_endpoint, developer, age=timedelta(minutes=1)))
    status, review = who(cloud, bearer)
    assert status == 201
    assert review["status"]["userInfo"]["username"] == arn
    assert ask(cloud, bearer, "/api/v1/secrets")[0] == 403


def forged(cloud: Cloud, case: str) -> str:
    endpoint, key = cloud.aws_endpoint, cloud.key()
    good = presigned(endpoint, key)
    urls = {
        "another secret": presigned(endpoint, AccessKey(id=key.id, secret="guessed")),
        "an unknown key": presigned(endpoint, AccessKey(id="AKIAOFANOTHERACCOUNT", secret=key.secret)),
        "another cluster": presigned(endpoint, key, cluster="other-eks"),
        "no cluster": presigned(endpoint, key, cluster=None),
        "another host": presigned(f"http://localhost:{urlsplit(endpoint).port}", key),
        "another action": good.replace("GetCallerIdentity", "GetSessionToken"),
        "one more parameter": presigned(endpoint, key, query="&DurationSeconds=900"),
        "a changed date": good.replace("X-Amz-Date=2", "X-Amz-Date=1"),
        "a path": good.replace("/?", "/bucket?"),
    }
    return token(urls[case])


@pytest.mark.parametrize(
    "case",
    [
        "another secret",
        "an unknown key",
        "another cluster",
        "no cluster",
        "another host",
        "another action",
        "one more parameter",
        "a changed date",
        "a path",
    ],
)
def test_a_forged_token_is_refused(cloud: Cloud, case: str) -> None:
    assert who(cloud, forged(cloud, case))[0] == 401


@pytest.mark.parametrize("bearer", ["k8s-aws-v1.", "k8s-aws-v1.!!!", "k8s-aws-v2.aHR0cA", "anything", "k8s-aws-v1._w"])
def test_a_malformed_token_is_refused(cloud: Cloud, bearer: str) -> None:
    assert who(cloud, bearer)[0] == 401


def test_a_token_ends_after_15_minutes(cloud: Cloud) -> None:
    young = presigned(cloud.aws_endpoint, cloud.key(), age=timedelta(minutes=14))
    old = presigned(cloud.aws_endpoint, cloud.key(), age=timedelta(minutes=15, seconds=1))
    assert [who(cloud, token(url))[0] for url in (young, old)] == [201, 401]


def test_a_stranger_can_only_query_health(cloud: Cloud) -> None:
    assert request(cloud, f"{cloud.kubernetes_url}/readyz") == (200, "ok")
    assert request(cloud, f"{cloud.kubernetes_url}/api")[0] == 401
