"""The steps that create a secret's value and make it current, run as by Terraform, on the local Secrets Manager."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cdktf import App
from cdktf_cdktf_provider_aws.secretsmanager_secret import SecretsmanagerSecret

from local.aws.clients import AwsClients
from local.state import Cloud
from modules.aws.current_value import CurrentValue
from modules.aws.generated_value import GeneratedValue
from modules.base.cloud import Cloud as Provider
from modules.base.terraform import ReadableStack
from tests.account import SHARED

SECRET = "mosaic/generated/probe"
NUMBERS = (1, 2)


@pytest.fixture(scope="module")
def steps(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The commands that Terraform would run, by resource: values of both numbers, current at once or later."""
    app = App(outdir=str(tmp_path_factory.mktemp("steps")))
    stack = ReadableStack(app, "steps")
    Provider().add_aws_provider(stack, shared=SHARED, tags={})
    secret = SecretsmanagerSecret(stack, "secret", name=SECRET)
    for number in NUMBERS:
        for id_, current in (("at-once", True), ("later", False)):
            value = GeneratedValue(
                stack,
                f"{id_}-{number}",
                secret=secret,
                version=number,
                fields={"username": f"login_{number}"},
                random_field="password",
                length=40,
                current=current,
            )
        CurrentValue(stack, f"current-{number}", secret=secret, value=value, after=[])
    app.synth()
    document = json.loads((Path(app.outdir) / "stacks" / "steps" / "cdk.tf.json").read_text())
    return {name: body["provisioner"][0]["local-exec"] for name, body in document["resource"]["terraform_data"].items()}


@pytest.fixture
def aws(cloud: Cloud) -> Iterator[AwsClients]:
    clients = AwsClients(cloud.aws_endpoint, cloud.key())
    clients.secretsmanager.create_secret(Name=SECRET)
    yield clients
    clients.secretsmanager.delete_secret(SecretId=SECRET, ForceDeleteWithoutRecovery=True)


def run(step: dict[str, Any], aws: AwsClients, variables: dict[str, str]) -> str:
    """Run a step as Terraform does; return everything that it prints."""
    arn = aws.secretsmanager.describe_secret(SecretId=SECRET)["ARN"]
    environment = {**step["environment"], "SECRET": arn, "AWS_DEFAULT_REGION": arn.split(":")[3]}
    done = subprocess.run(
        [*step["interpreter"], step["command"]],
        check=True,
        capture_output=True,
        text=True,
        env={**variables, **environment},
    )
    return done.stdout + done.stderr


def value(aws: AwsClients, label: str = "AWSCURRENT") -> dict[str, str]:
    """Return the value with this label."""
    fields: dict[str, str] = json.loads(
        aws.secretsmanager.get_secret_value(SecretId=SECRET, VersionStage=label)["SecretString"]
    )
    return fields


def count(aws: AwsClients) -> int:
    """Return how many values were ever stored."""
    return len(aws.secretsmanager.list_secret_version_ids(SecretId=SECRET)["Versions"])


def test_a_value_is_stored_once_and_never_printed(
    steps: dict[str, Any], aws: AwsClients, cloud_variables: dict[str, str]
) -> None:
    printed = run(steps["at_once_1"], aws, cloud_variables)
    stored = value(aws)
    assert stored == value(aws, "settings-1")
    assert stored["username"] == "login_1"
    assert len(stored["password"]) == 40
    assert stored["password"].isalnum()
    printed += run(steps["at_once_1"], aws, cloud_variables)
    assert (count(aws), value(aws) == stored) == (1, True)
    assert stored["password"] not in printed


def test_another_number_whether_higher_or_lower_creates_another_value(
    steps: dict[str, Any], aws: AwsClients, cloud_variables: dict[str, str]
) -> None:
    passwords = []
    for number in (1, 2, 1):
        run(steps[f"at_once_{number}"], aws, cloud_variables)
        assert value(aws) == value(aws, f"settings-{number}")
        assert value(aws)["username"] == f"login_{number}"
        passwords.append(value(aws)["password"])
    assert len(set(passwords)) == count(aws) == 3


def test_a_value_that_was_stored_by_hand_is_kept(
    steps: dict[str, Any], aws: AwsClients, cloud_variables: dict[str, str]
) -> None:
    run(steps["at_once_1"], aws, cloud_variables)
    aws.secretsmanager.put_secret_value(SecretId=SECRET, SecretString='{"password": "made-up-value"}')
    run(steps["at_once_1"], aws, cloud_variables)
    assert (count(aws), value(aws)) == (2, {"password": "made-up-value"})
    run(steps["at_once_2"], aws, cloud_variables)
    assert (count(aws), value(aws)["username"]) == (3, "login_2")


@pytest.mark.parametrize("number", NUMBERS)
def test_an_existing_value_is_kept_and_gets_the_label(
    steps: dict[str, Any], aws: AwsClients, cloud_variables: dict[str, str], number: int
) -> None:
    aws.secretsmanager.put_secret_value(SecretId=SECRET, SecretString='{"password": "made-up-value"}')
    printed = run(steps[f"at_once_{number}"], aws, cloud_variables)
    assert count(aws) == 1
    assert value(aws) == value(aws, f"settings-{number}") == {"password": "made-up-value"}
    assert "made-up-value" not in printed


def test_a_login_becomes_current_only_in_its_own_step(
    steps: dict[str, Any], aws: AwsClients, cloud_variables: dict[str, str]
) -> None:
    for step in ("later_1", "current_1", "later_2", "later_2"):
        run(steps[step], aws, cloud_variables)
    assert (count(aws), value(aws)["username"]) == (2, "login_1")
    for _again in range(2):
        run(steps["current_2"], aws, cloud_variables)
        assert value(aws)["username"] == "login_2"
    assert value(aws, "AWSPREVIOUS")["username"] == "login_1"
    assert value(aws, "settings-1")["username"] == "login_1"
