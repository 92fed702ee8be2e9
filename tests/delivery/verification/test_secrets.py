"""The checks of ExternalSecrets, the keys that pods refer to, and the pods' secret versions."""

from typing import Any

import pytest

from delivery.verification.secrets import (
    external_secret_problem,
    secret_keys,
    secret_store_problem,
    version_problems,
)
from tests.delivery.verification.changes import Change, changed

PATH = "mosaic/staging/rds/credentials"
EXTERNAL_SECRET: dict[str, Any] = {
    "spec": {
        "secretStoreRef": {"kind": "SecretStore", "name": "environment-secrets"},
        "data": [{"remoteRef": {"key": PATH, "property": "host"}}, {"remoteRef": {"key": PATH}}],
    },
    "status": {"conditions": [{"type": "Ready", "status": "True"}]},
}


def test_a_ready_external_secret_is_accepted() -> None:
    assert external_secret_problem(EXTERNAL_SECRET, PATH, "environment-secrets") is None


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda it: it.pop("status"), "not processed it yet"),
        (
            lambda it: it["status"]["conditions"][0].update(
                status="False", reason="SecretSyncedError", message="denied"
            ),
            "SecretSyncedError: denied",
        ),
        (lambda it: it["spec"]["data"][0]["remoteRef"].update(key="mosaic/prod/rds/credentials"), "mosaic/prod"),
        (lambda it: it["spec"]["data"].clear(), "it reads nothing"),
        (lambda it: it["spec"]["secretStoreRef"].update(kind="ClusterSecretStore"), "its store is"),
        (lambda it: it["spec"]["secretStoreRef"].update(name="another"), "another"),
        (lambda it: it["spec"]["data"][1].update(sourceRef={"storeRef": {"name": "another"}}), "a second store"),
        (lambda it: it["spec"].update(dataFrom=[{"extract": {"key": "mosaic/prod/rds/credentials"}}]), "it reads"),
    ],
)
def test_a_differing_or_unready_external_secret_is_reported(change: Change, named: str) -> None:
    assert named in str(external_secret_problem(changed(EXTERNAL_SECRET, change), PATH, "environment-secrets"))


STORE: dict[str, Any] = {
    "spec": {
        "provider": {
            "aws": {
                "service": "SecretsManager",
                "region": "us-east-1",
                "auth": {"jwt": {"serviceAccountRef": {"name": "external-secrets"}}},
            }
        }
    },
    "status": {"conditions": [{"type": "Ready", "status": "True"}]},
}


def test_a_ready_store_that_acts_as_its_service_account_is_accepted() -> None:
    assert secret_store_problem(STORE, "external-secrets", "us-east-1") is None


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda it: it.pop("status"), "not processed it yet"),
        (
            lambda it: it["status"]["conditions"][0].update(
                status="False", reason="InvalidProviderConfig", message="denied"
            ),
            "InvalidProviderConfig: denied",
        ),
        # The operator's own identity, another account's, and an additional role.
        (lambda it: it["spec"]["provider"]["aws"].pop("auth"), "its provider is"),
        (
            lambda it: it["spec"]["provider"]["aws"]["auth"]["jwt"]["serviceAccountRef"].update(name="core-api"),
            "core-api",
        ),
        (lambda it: it["spec"]["provider"]["aws"].update(role="arn:aws:iam::033691785857:role/other"), "role/other"),
        (lambda it: it["spec"]["provider"]["aws"].update(region="us-east-2"), "us-east-2"),
        (lambda it: it["spec"].update(provider={"fake": {"data": []}}), "fake"),
    ],
)
def test_a_differing_or_unready_store_is_reported(change: Change, named: str) -> None:
    assert named in str(secret_store_problem(changed(STORE, change), "external-secrets", "us-east-1"))


def test_every_containers_secret_keys_are_found() -> None:
    def variable(secret: str, key: str) -> dict[str, Any]:
        return {"name": "X", "valueFrom": {"secretKeyRef": {"name": secret, "key": key}}}

    serving = {"containers": [{"env": [variable("a", "one"), {"name": "Y", "value": "plain"}]}, {"env": []}]}
    migrating = {"initContainers": [{"env": [variable("b", "two")]}], "containers": [{"env": [variable("a", "one")]}]}
    assert secret_keys([serving, migrating]) == {("a", "one"), ("b", "two")}


EXPECTED = {"mosaic-life/database-credentials": "version-2"}
POD: dict[str, Any] = {"metadata": {"name": "core-api-1", "annotations": {**EXPECTED, "other": "x"}}}


def test_pods_with_the_current_versions_are_accepted() -> None:
    assert version_problems([POD], EXPECTED) == []


@pytest.mark.parametrize(
    "change",
    [
        lambda it: it["metadata"]["annotations"].update({"mosaic-life/database-credentials": "version-1"}),
        lambda it: it["metadata"].pop("annotations"),
    ],
    ids=["another version", "no version"],
)
def test_a_pod_with_another_version_is_reported(change: Change) -> None:
    (problem,) = version_problems([POD, changed(POD, change)], EXPECTED)
    assert problem.startswith("core-api-1 has mosaic-life/database-credentials=")


def test_pods_that_are_being_deleted_prove_nothing() -> None:
    going = changed(POD, lambda it: it["metadata"].update(deletionTimestamp="now"))
    assert version_problems([going], EXPECTED) == ["there is no pod"]
    assert version_problems([going, POD], EXPECTED) == []
