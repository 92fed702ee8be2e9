"""A Terraform run outlives its EKS token: the exec plugin in the provider's settings gets a new one."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from lightkube import Client
from lightkube.resources.core_v1 import ConfigMap

from local.state import Cloud
from modules.model.providers import KUBERNETES
from tests.account import SHARED
from tests.local.aws.presigned_url import presigned
from tests.local.kubernetes.test_eks_token import token
from tests.synth.template import Template

# The API server asks the authenticator again after 5 s; the authenticator asks STS, which checks the signing time.
_TOKEN_SECONDS, _PAUSE_SECONDS = 12, 25
# A token signed this long ago lives for only that many more seconds.
AGE = timedelta(minutes=15, seconds=-_TOKEN_SECONDS)
# Replaces the AWS CLI, which signs with the current time.
AWS = f"""#!{sys.executable}
import datetime, json, os, sys
from pathlib import Path
import tests.local.kubernetes.test_eks_token as eks
from local.aws.credentials import AccessKey
from tests.local.aws.presigned_url import presigned
with Path(os.environ["LOG"]).open("a") as log:
    print(json.dumps(sys.argv[1:]), file=log)
key = AccessKey(id=os.environ["AWS_ACCESS_KEY_ID"], secret=os.environ["AWS_SECRET_ACCESS_KEY"])
url = presigned(os.environ["AWS_ENDPOINT_URL"], key, age=datetime.timedelta(seconds={AGE.total_seconds()}))
ends = datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds={_TOKEN_SECONDS - 6})
status = {{"expirationTimestamp": ends.strftime("%Y-%m-%dT%H:%M:%SZ"), "token": eks.token(url)}}
print(json.dumps({{"apiVersion": "client.authentication.k8s.io/v1beta1", "kind": "ExecCredential", "status": status}}))
"""


def configuration(cloud: Cloud, login: Mapping[str, Any], name: str) -> str:
    """Return an object, a step that lasts longer than a token, and another object."""
    cluster = cloud.aws().eks.describe_cluster(name=SHARED.cluster)["cluster"]
    authority = f'${{base64decode("{cluster["certificateAuthority"]["data"]}")}}'
    source = {"source": KUBERNETES.source, "version": KUBERNETES.constraint}

    def entry(moment: str, *dependencies: str) -> dict[str, Any]:
        metadata = {"name": f"{name}-{moment}", "namespace": "default"}
        return {"metadata": metadata, "data": {"a": "b"}, "depends_on": list(dependencies)}

    return json.dumps(
        {
            "terraform": {"required_providers": {"kubernetes": source}},
            "provider": {
                "kubernetes": {"host": cluster["endpoint"], "cluster_ca_certificate": authority, **login},
            },
            "resource": {
                "kubernetes_config_map_v1": {
                    "before": entry("before"),
                    "after": entry("after", "terraform_data.pause"),
                },
                "terraform_data": {
                    "pause": {
                        "depends_on": ["kubernetes_config_map_v1.before"],
                        "provisioner": {"local-exec": {"command": f"sleep {_PAUSE_SECONDS}"}},
                    }
                },
            },
        }
    )


def terraform(folder: Path, variables: Mapping[str, str], *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run Terraform with these tests' AWS CLI."""
    program = folder / "bin" / "aws"
    program.parent.mkdir(exist_ok=True)
    program.write_text(AWS)
    program.chmod(0o755)
    path = os.pathsep.join([str(program.parent), variables["PATH"]])
    environment = {**variables, "PATH": path, "LOG": str(folder / "log"), "PYTHONPATH": str(Path.cwd())}
    return subprocess.run(
        ["terraform", *arguments, "-no-color"], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


def test_a_run_outlives_its_token(
    tmp_path: Path, cloud: Cloud, cloud_variables: dict[str, str], kubernetes: Client, bootstrap: Template
) -> None:
    (provider,) = bootstrap.document["provider"]["kubernetes"]
    (tmp_path / "main.tf.json").write_text(configuration(cloud, {"exec": provider["exec"]}, "renewed"))
    assert terraform(tmp_path, cloud_variables, "init").returncode == 0
    applied = terraform(tmp_path, cloud_variables, "apply", "-auto-approve")
    assert applied.returncode == 0, applied.stdout + applied.stderr
    assert kubernetes.get(ConfigMap, "renewed-after", namespace="default")
    calls = [json.loads(line) for line in (tmp_path / "log").read_text().splitlines()]
    assert len(calls) >= 2
    wanted = ["eks", "get-token", "--cluster-name", SHARED.cluster, "--region", SHARED.region, "--output", "json"]
    assert all(call == wanted for call in calls)
    assert terraform(tmp_path, cloud_variables, "destroy", "-auto-approve").returncode == 0


def test_a_run_with_one_token_does_not_outlive_it(
    tmp_path: Path, cloud: Cloud, cloud_variables: dict[str, str]
) -> None:
    """The provider failed like this when it got one token for a whole run."""
    (tmp_path / "main.tf.json").write_text(configuration(cloud, {"token": "none yet"}, "single"))
    assert terraform(tmp_path, cloud_variables, "init").returncode == 0
    bearer = token(presigned(cloud.aws_endpoint, cloud.key(), age=AGE))
    (tmp_path / "main.tf.json").write_text(configuration(cloud, {"token": bearer}, "single"))
    applied = terraform(tmp_path, cloud_variables, "apply", "-auto-approve")
    assert applied.returncode == 1
    assert "Unauthorized" in applied.stdout + applied.stderr


@pytest.fixture(scope="module", autouse=True)
def leave_nothing(kubernetes: Client) -> Any:  # noqa: ANN401 a generator
    """Clean up, because later tests on this cloud look at the default namespace."""
    yield
    for found in kubernetes.list(ConfigMap, namespace="default"):
        if found.metadata and str(found.metadata.name).startswith(("renewed-", "single-")):
            kubernetes.delete(ConfigMap, str(found.metadata.name), namespace="default")
