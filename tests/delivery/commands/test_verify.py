"""The command ``python -m delivery verify``: what it refuses to look at, before any check."""

import base64
from functools import partial
from urllib.parse import parse_qs, urlsplit

import boto3
import pytest

from delivery.account.cluster import token
from environments.schema import catalogue
from environments.shared import SHARED
from tests.delivery.command_line import KEYS, NOWHERE, run_command

verify = partial(run_command, "verify")


@pytest.mark.parametrize(
    ("arguments", "variables", "said"),
    [
        (["nowhere"], {}, f"environment 'nowhere' is unknown; allowed: {', '.join(catalogue.names())}"),
        (["bootstrap"], {}, "'bootstrap' is no environment, but the stack that prepares the account for them"),
        ([], {}, "the following arguments are required: environment"),
        (["staging", "--wait", "soon"], {}, "'soon' is not a number of seconds; allowed: 0 to 600"),
        (["staging", "--wait", "601"], {}, "'601' is not a number of seconds; allowed: 0 to 600"),
        (["staging"], {"MOSAIC_CLOUD": "azure"}, "MOSAIC_CLOUD is 'azure'; allowed: 'aws' (default) or 'local'"),
        (["staging"], {"MOSAIC_CLOUD": "local"}, "AWS_ENDPOINT_URL is not set"),
        (["staging"], {"AWS_ENDPOINT_URL": NOWHERE}, "allowed: unset it for AWS"),
        (["staging"], {"AWS_PROFILE": "nobody"}, "nobody"),
        (["staging"], {}, "Unable to locate credentials"),
        (["staging"], {"MOSAIC_CLOUD": "local", "AWS_ENDPOINT_URL": NOWHERE, **KEYS}, "make local-up"),
    ],
)
def test_what_cannot_be_looked_at_is_one_error_and_exit_code_2(
    arguments: list[str], variables: dict[str, str], said: str
) -> None:
    done = verify(*arguments, **variables)
    assert (done.returncode, done.stdout) == (2, ""), done.stderr
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_credentials_of_another_account_are_one_error_and_nothing_is_looked_at(another_account: str) -> None:
    done = verify("staging", MOSAIC_CLOUD="local", AWS_ENDPOINT_URL=another_account, **KEYS)
    assert (done.returncode, done.stdout) == (2, "")
    assert f"allowed: account {SHARED.account}" in done.stderr


def test_the_clusters_token_is_a_presigned_request_that_names_the_cluster(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    session = boto3.Session(aws_access_key_id="AKIAEXAMPLE", aws_secret_access_key="made-up", region_name=SHARED.region)
    prefix, _, encoded = token(session, SHARED.cluster).partition("k8s-aws-v1.")
    url = urlsplit(base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)).decode())
    query = {name: values[0] for name, values in parse_qs(url.query).items()}
    assert (prefix, url.scheme, url.hostname) == ("", "https", f"sts.{SHARED.region}.amazonaws.com")
    assert query["Action"] == "GetCallerIdentity"
    assert query["X-Amz-SignedHeaders"] == "host;x-k8s-aws-id"
    assert "=" not in encoded
