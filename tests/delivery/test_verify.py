"""The command ``python -m delivery.verify``: what it refuses to look at, before any check."""

import base64
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import boto3
import pytest
from moto.server import ThreadedMotoServer

from delivery.cluster import token
from environments.shared import SHARED

ROOT = Path(__file__).parent.parent.parent
# A loopback address that nothing listens on.
NOWHERE = "http://127.0.0.1:1"
KEYS = {"AWS_ACCESS_KEY_ID": "AKIAEXAMPLE", "AWS_SECRET_ACCESS_KEY": "made-up", "AWS_EC2_METADATA_DISABLED": "true"}


def verify(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run the command with these variables and nothing of the caller's clouds."""
    return subprocess.run(
        [sys.executable, "-m", "delivery.verify", *arguments],
        cwd=ROOT,
        env={"PATH": "", "HOME": "/nonexistent", "AWS_EC2_METADATA_DISABLED": "true", **variables},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def another_account() -> Iterator[str]:
    """The endpoint of an AWS whose callers are of an account that is not ours."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.mark.parametrize(
    ("arguments", "variables", "said"),
    [
        (["nowhere"], {}, "environment 'nowhere' is unknown; allowed: prod, staging"),
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
