"""The cluster does what environments need: it schedules, completes, refuses, and copies secrets."""

import base64
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from lightkube import Client
from lightkube.core.exceptions import ApiError
from lightkube.generic_resource import create_namespaced_resource
from lightkube.models.apps_v1 import DeploymentSpec
from lightkube.models.batch_v1 import JobSpec
from lightkube.models.core_v1 import Capabilities, Container, PodSpec, PodTemplateSpec, SeccompProfile, SecurityContext
from lightkube.models.meta_v1 import LabelSelector, ObjectMeta
from lightkube.resources.apps_v1 import Deployment
from lightkube.resources.batch_v1 import Job
from lightkube.resources.core_v1 import Namespace, Pod, Secret

from local.aws.clients import AwsClients
from local.kubernetes.external_secrets import CLUSTER_SECRET_STORE
from local.seed.aws_objects import create_secret

PATIENCE_SECONDS = 60
ExternalSecret = create_namespaced_resource("external-secrets.io", "v1", "ExternalSecret", "externalsecrets")


@pytest.fixture(scope="module")
def namespace(kubernetes: Client) -> Iterator[str]:
    name = "cluster-test"
    labels = {"pod-security.kubernetes.io/enforce": "restricted"}
    kubernetes.create(Namespace(metadata=ObjectMeta(name=name, labels=labels)))
    yield name
    kubernetes.delete(Namespace, name)


def eventually(condition: Callable[[], bool]) -> bool:
    give_up = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        if time.monotonic() > give_up:
            return False
        time.sleep(0.1)
    return True


def pod_spec(restart: str = "Always") -> PodSpec:
    restricted = SecurityContext(
        runAsNonRoot=True,
        allowPrivilegeEscalation=False,
        capabilities=Capabilities(drop=["ALL"]),
        seccompProfile=SeccompProfile(type="RuntimeDefault"),
    )
    return PodSpec(
        containers=[Container(name="main", image="example.org/image:1", securityContext=restricted)],
        restartPolicy=restart,
    )


def test_a_deployments_pods_become_ready(kubernetes: Client, namespace: str) -> None:
    labels = {"app": "web"}
    template = PodTemplateSpec(metadata=ObjectMeta(labels=labels), spec=pod_spec())
    spec = DeploymentSpec(selector=LabelSelector(matchLabels=labels), template=template, replicas=2)
    kubernetes.create(Deployment(metadata=ObjectMeta(name="web", namespace=namespace), spec=spec))

    def ready() -> bool:
        status = kubernetes.get(Deployment, "web", namespace=namespace).status
        return status is not None and status.readyReplicas == 2

    assert eventually(ready)


def test_a_job_completes(kubernetes: Client, namespace: str) -> None:
    spec = JobSpec(template=PodTemplateSpec(spec=pod_spec("Never")))
    kubernetes.create(Job(metadata=ObjectMeta(name="migrate", namespace=namespace), spec=spec))

    def complete() -> bool:
        status = kubernetes.get(Job, "migrate", namespace=namespace).status
        return status is not None and status.succeeded == 1

    assert eventually(complete)


def test_the_cluster_enforces_pod_security(kubernetes: Client, namespace: str) -> None:
    privileged = PodSpec(containers=[Container(name="main", image="example.org/image:1")])
    with pytest.raises(ApiError, match="violates PodSecurity") as refused:
        kubernetes.create(Pod(metadata=ObjectMeta(name="bad", namespace=namespace), spec=privileged))
    assert refused.value.status.code == 403


def test_an_external_secret_becomes_a_secret(kubernetes: Client, aws: AwsClients, namespace: str) -> None:
    create_secret(aws, "cluster/test", {"password": "a&b?c"})
    spec = {
        "secretStoreRef": {"kind": "ClusterSecretStore", "name": CLUSTER_SECRET_STORE},
        "target": {"template": {"engineVersion": "v2", "data": {"line": "password={{ .password | urlquery }}"}}},
        "data": [{"secretKey": "password", "remoteRef": {"key": "cluster/test", "property": "password"}}],
    }
    kubernetes.create(ExternalSecret(metadata=ObjectMeta(name="test", namespace=namespace), spec=spec))

    assert eventually(lambda: readiness(kubernetes, "test", namespace) == "True")
    data = kubernetes.get(Secret, "test", namespace=namespace).data
    assert data is not None
    assert base64.b64decode(data["line"]).decode() == "password=a%26b%3Fc"
    # Later tests on this cloud look for every secret of the account.
    aws.secretsmanager.delete_secret(SecretId="cluster/test", ForceDeleteWithoutRecovery=True)


def test_an_external_secret_for_an_absent_secret_does_not_become_ready(kubernetes: Client, namespace: str) -> None:
    spec = {
        "secretStoreRef": {"kind": "ClusterSecretStore", "name": CLUSTER_SECRET_STORE},
        "dataFrom": [{"extract": {"key": "cluster/absent"}}],
    }
    kubernetes.create(ExternalSecret(metadata=ObjectMeta(name="absent", namespace=namespace), spec=spec))

    assert eventually(lambda: readiness(kubernetes, "absent", namespace) == "False")


def readiness(kubernetes: Client, name: str, namespace: str) -> str | None:
    """Return the status of the ExternalSecret's condition Ready, or None before the operator sets it."""
    status: dict[str, Any] = dict(kubernetes.get(ExternalSecret, name, namespace=namespace).get("status") or {})
    for condition in status.get("conditions", []):
        if condition["type"] == "Ready":
            return str(condition["status"])
    return None
