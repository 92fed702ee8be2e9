"""The token by which the cluster's API server identifies the caller."""

import base64
from urllib.parse import parse_qs, urlsplit

import boto3
import pytest

from delivery.account.cluster import token
from modules.model.selected_settings import SHARED


def test_the_cluster_token_is_a_presigned_request_with_the_cluster_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    session = boto3.Session(aws_access_key_id="AKIAEXAMPLE", aws_secret_access_key="made-up", region_name=SHARED.region)
    prefix, _, encoded = token(session, SHARED.cluster).partition("k8s-aws-v1.")
    url = urlsplit(base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)).decode())
    query = {name: values[0] for name, values in parse_qs(url.query).items()}
    assert (prefix, url.scheme, url.hostname) == ("", "https", f"sts.{SHARED.region}.amazonaws.com")
    assert query["Action"] == "GetCallerIdentity"
    assert query["X-Amz-SignedHeaders"] == "host;x-k8s-aws-id"
    assert "=" not in encoded
