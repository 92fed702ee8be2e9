"""The local Secrets Manager keeps a staging label on its version until it is moved."""

from collections.abc import Iterator

import pytest

from local.aws.clients import AwsClients

SECRET = "mosaic/labels/probe"


@pytest.fixture
def secret(aws: AwsClients) -> Iterator[str]:
    aws.secretsmanager.create_secret(Name=SECRET)
    yield SECRET
    aws.secretsmanager.delete_secret(SecretId=SECRET, ForceDeleteWithoutRecovery=True)


def put(aws: AwsClients, value: str, *labels: str) -> str:
    """Store a value; return its version."""
    stored = aws.secretsmanager.put_secret_value(SecretId=SECRET, SecretString=value, VersionStages=[*labels])
    return str(stored["VersionId"])


def labels(aws: AwsClients, version: str) -> set[str]:
    """Return the labels of one version."""
    versions = aws.secretsmanager.list_secret_version_ids(SecretId=SECRET)["Versions"]
    return {label for it in versions if it["VersionId"] == version for label in it["VersionStages"]}


@pytest.mark.usefixtures("secret")
def test_the_first_version_is_current_whatever_its_labels(aws: AwsClients) -> None:
    assert labels(aws, put(aws, "one", "settings-1")) == {"AWSCURRENT", "settings-1"}


@pytest.mark.usefixtures("secret")
def test_a_label_stays_when_another_version_becomes_current(aws: AwsClients) -> None:
    first = put(aws, "one", "AWSCURRENT", "settings-1")
    second = put(aws, "two", "AWSCURRENT", "settings-2")
    assert labels(aws, first) == {"AWSPREVIOUS", "settings-1"}
    assert labels(aws, second) == {"AWSCURRENT", "settings-2"}


@pytest.mark.usefixtures("secret")
def test_a_version_made_current_by_hand_becomes_the_previous_one(aws: AwsClients) -> None:
    first, second = put(aws, "one", "AWSCURRENT"), put(aws, "two", "settings-2")
    assert aws.secretsmanager.get_secret_value(SecretId=SECRET)["SecretString"] == "one"
    aws.secretsmanager.update_secret_version_stage(
        SecretId=SECRET, VersionStage="AWSCURRENT", MoveToVersionId=second, RemoveFromVersionId=first
    )
    assert aws.secretsmanager.get_secret_value(SecretId=SECRET)["SecretString"] == "two"
    third = put(aws, "three", "AWSCURRENT")
    assert labels(aws, third) == {"AWSCURRENT"}
    assert labels(aws, second) == {"AWSPREVIOUS", "settings-2"}
    assert labels(aws, first) == set()
