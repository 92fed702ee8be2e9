"""Quota: an environment that requests more than its share does not get it, so the other keeps its own."""

import time
from collections.abc import Callable, Iterator
from typing import Any, cast

import pytest
from lightkube.models.apps_v1 import ReplicaSetCondition
from lightkube.resources.apps_v1 import Deployment, ReplicaSet
from lightkube.resources.core_v1 import Pod, ResourceQuota

from modules.model.quota import hard_limits
from tests.live.isolation.probe_pod import RESTRICTED, answer
from tests.live.isolation.tenant import Tenant

pytestmark = pytest.mark.promise("Isolation")
NAME = "isolation-quota"
SECONDS = 60
LITTLE = {"cpu": "1m", "memory": "1Mi", "ephemeral-storage": "1Mi"}


def asking(requests: dict[str, str], limits: dict[str, str]) -> dict[str, Any]:
    """Return a pod with these requests and limits."""
    (container,) = RESTRICTED["containers"]
    return {"containers": [{**container, "resources": {"requests": requests, "limits": limits}}]}


@pytest.mark.read_only
@pytest.mark.parametrize(
    "amount",
    [f"{part}.{resource}" for part in ("requests", "limits") for resource in ("cpu", "memory", "ephemeral-storage")],
)
def test_a_pod_beyond_the_quota_is_refused(own: Tenant, amount: str) -> None:
    hard = hard_limits(own.settings.quota)
    part, resource = amount.split(".")
    # The limit for all pods together, part of which is in use already.
    whole = LITTLE | {resource: hard[amount]}
    spec = asking(whole, whole) if part == "requests" else asking(LITTLE, whole)
    said = answer(own, spec)
    assert "exceeded quota" in said, f"{own.names.namespace}, a pod with {amount} of {hard[amount]}: {said}"
    assert amount in said


@pytest.fixture
def too_large(own: Tenant) -> Iterator[Deployment]:
    """A Deployment with as many pods as the environment may have in all."""
    kubernetes, labels = own.project.kubernetes, {"app": NAME}
    deployment = Deployment.from_dict(
        {
            "metadata": {"name": NAME, "namespace": own.names.namespace},
            "spec": {
                "replicas": own.settings.quota.pods,
                "selector": {"matchLabels": labels},
                "template": {
                    "metadata": {"labels": labels},
                    "spec": {**asking(LITTLE, LITTLE), "terminationGracePeriodSeconds": 0},
                },
            },
        }
    )
    try:
        yield kubernetes.create(cast("Deployment", deployment))
    finally:
        kubernetes.delete(Deployment, NAME, namespace=own.names.namespace)
        _wait(lambda: not _pods(own), "its pods are not gone")


def test_a_deployment_beyond_the_quota_does_not_get_its_pods(own: Tenant, too_large: Deployment) -> None:
    said: list[str] = []

    def is_refused() -> bool:
        # Read only once: the condition disappears while the ReplicaSet retries.
        failure = _failure(own)
        said.extend([failure] if failure else [])
        return bool(said)

    _wait(is_refused, f"{own.names.namespace}: the API server made every pod")
    assert "exceeded quota" in said[0]
    (quota,) = own.project.kubernetes.list(ResourceQuota, namespace=own.names.namespace)
    assert quota.status is not None
    assert quota.status.used is not None
    assert int(quota.status.used["pods"]) <= own.settings.quota.pods
    assert len(_pods(own)) < own.settings.quota.pods


def _pods(own: Tenant) -> list[Pod]:
    return list(own.project.kubernetes.list(Pod, namespace=own.names.namespace, labels={"app": NAME}))


def _wait(is_so: Callable[[], bool], otherwise: str) -> None:
    give_up = time.monotonic() + SECONDS
    while not is_so():
        assert time.monotonic() < give_up, f"{otherwise}, within {SECONDS} s"
        time.sleep(0.2)


def _failure(own: Tenant) -> str | None:
    """Return why the Deployment's pods cannot be created, according to its ReplicaSet."""
    sets = own.project.kubernetes.list(ReplicaSet, namespace=own.names.namespace, labels={"app": NAME})
    conditions: list[ReplicaSetCondition] = [
        it for found in sets if found.status for it in found.status.conditions or []
    ]
    return next((it.message for it in conditions if it.type == "ReplicaFailure"), None)
