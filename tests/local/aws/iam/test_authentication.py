"""The local AWS refuses the same callers as AWS."""

from collections.abc import Callable, Mapping

import pytest
from botocore.exceptions import ClientError

from local.aws.clients import AwsClients
from local.aws.credentials import AccessKey
from local.seed.aws_objects import policy
from local.state import Cloud
from tests.account import SHARED
from tests.local.loopback import request


def codes(clients: AwsClients) -> dict[str, str]:
    """Return the error codes with which one API of each protocol refuses these clients."""
    calls: Mapping[str, Callable[[], object]] = {
        "query": clients.sts.get_caller_identity,
        "rest-xml": clients.s3.list_buckets,
        "json": clients.secretsmanager.list_secrets,
        "rest-json": clients.eks.list_clusters,
    }
    found = {}
    for protocol, call in calls.items():
        with pytest.raises(ClientError) as refused:
            call()
        found[protocol] = refused.value.response["Error"]["Code"]
    return found


def test_an_unknown_key_is_refused(cloud: Cloud) -> None:
    stranger = AwsClients(cloud.aws_endpoint, AccessKey(id="AKIAOFANOTHERACCOUNT", secret="anything"))
    unknown = "InvalidClientTokenId"
    assert codes(stranger) == {
        "query": unknown,
        "rest-xml": "InvalidAccessKeyId",
        "json": unknown,
        "rest-json": unknown,
    }


def test_a_wrong_secret_is_refused(cloud: Cloud) -> None:
    forger = AwsClients(cloud.aws_endpoint, AccessKey(id=cloud.key().id, secret="guessed"))
    assert set(codes(forger).values()) == {"SignatureDoesNotMatch"}


def test_a_deactivated_key_is_refused(cloud: Cloud, aws: AwsClients) -> None:
    aws.iam.create_user(UserName="leaver")
    key = aws.iam.create_access_key(UserName="leaver")["AccessKey"]
    leaver = AwsClients(cloud.aws_endpoint, AccessKey(id=key["AccessKeyId"], secret=key["SecretAccessKey"]))
    assert leaver.sts.get_caller_identity()["Arn"] == f"arn:aws:iam::{SHARED.account}:user/leaver"
    aws.iam.update_access_key(UserName="leaver", AccessKeyId=key["AccessKeyId"], Status="Inactive")
    assert codes(leaver)["query"] == "InvalidClientTokenId"


def test_an_assumed_role_is_identified_by_its_session(cloud: Cloud, aws: AwsClients) -> None:
    trust = {"Effect": "Allow", "Principal": {"AWS": SHARED.account}, "Action": "sts:AssumeRole"}
    aws.iam.create_role(RoleName="visitor", AssumeRolePolicyDocument=policy(trust))
    arn = f"arn:aws:iam::{SHARED.account}:role/visitor"
    session = aws.sts.assume_role(RoleArn=arn, RoleSessionName="test")["Credentials"]
    key = AccessKey(id=session["AccessKeyId"], secret=session["SecretAccessKey"])
    visitor = AwsClients(cloud.aws_endpoint, key, token=session["SessionToken"])
    assert visitor.sts.get_caller_identity()["Arn"].endswith(":assumed-role/visitor/test")
    assert codes(AwsClients(cloud.aws_endpoint, key))["query"] == "InvalidClientTokenId"


@pytest.mark.parametrize("path", ["/", f"/mosaic-prod-media-{SHARED.account}/", "/moto-api/data.json"])
def test_an_unsigned_request_is_refused(cloud: Cloud, path: str) -> None:
    assert request(cloud, cloud.aws_endpoint + path)[0] == 403


def test_a_request_without_a_key_cannot_reset_moto(cloud: Cloud) -> None:
    assert request(cloud, f"{cloud.aws_endpoint}/moto-api/reset", method="POST")[0] == 403


def test_object_keys_with_url_encoded_characters_are_signed_correctly(aws: AwsClients) -> None:
    bucket = f"mosaic-prod-media-{SHARED.account}"
    key = "a b+c/ä=&%25~(1).txt"
    aws.s3.put_object(Bucket=bucket, Key=key, Body=b"content", Metadata={"note": "two  spaces"})
    assert aws.s3.get_object(Bucket=bucket, Key=key)["Body"].read() == b"content"
    (listed,) = aws.s3.list_objects_v2(Bucket=bucket, Prefix="a b+c/ä=&")["Contents"]
    assert listed["Key"] == key
