"""A local cloud's stack, run as if it were a stack for AWS."""

import subprocess
from pathlib import Path

from tests.conftest import synthesize

# The local cloud's variables that choose what is synthesized.
_CHOICE = ("MOSAIC_CLOUD", "MOSAIC_LOCAL_ACCOUNT", "AWS_ENDPOINT_URL")
# AWS's own example of a key, which belongs to no account.
_KEY = {
    "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
}


def test_aws_credentials_cannot_run_a_local_stack(cloud_variables: dict[str, str], tmp_path: Path) -> None:
    """Its provider would reach AWS, since only AWS_ENDPOINT_URL names the local cloud; the backend stops it first."""
    stack = synthesize(tmp_path, {name: cloud_variables[name] for name in _CHOICE}) / "staging"
    variables = {**cloud_variables, **_KEY}
    del variables["AWS_ENDPOINT_URL"]
    done = subprocess.run(
        ["terraform", "init", "-no-color"], cwd=stack, env=variables, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert f"The access key {_KEY['AWS_ACCESS_KEY_ID']}, or its session token, is not one of account" in done.stderr
