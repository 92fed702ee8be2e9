"""Nodes report which digest they pulled, as kubelets do."""

import time

import pytest
from lightkube import Client
from lightkube.models.core_v1 import Container, PodSpec
from lightkube.models.meta_v1 import ObjectMeta
from lightkube.resources.core_v1 import Namespace, Pod

from environments.applications import CORE_API
from local.aws.clients import AwsClients
from local.kubernetes.pulled_images import digest_of, with_image_ids
from local.seed.registry import push_image
from tests.account import SHARED

PATIENCE_SECONDS = 60
NAME = f"{SHARED.image_registry}/{CORE_API.repository}"
PINNED = f"sha256:{'a' * 64}"
# The image name in the pod, and what its node reports.
REPORTED = {
    f"{NAME}:1a2b3c4": f"{NAME}@{digest_of(f'{NAME}:1a2b3c4')}",
    f"{NAME}@{PINNED}": f"{NAME}@{PINNED}",
    f"{NAME}:1a2b3c4@{PINNED}": f"{NAME}@{PINNED}",
    f"localhost:5000/other@{PINNED}": f"localhost:5000/other@{PINNED}",
    "localhost:5000/other:1": f"localhost:5000/other@{digest_of('localhost:5000/other:1')}",
}


def test_each_container_of_a_pod_reports_its_digest(kubernetes: Client) -> None:
    names = {f"c{index}": image for index, image in enumerate(REPORTED)}
    kubernetes.create(Namespace(metadata=ObjectMeta(name="pulled-images-test")))
    try:
        specification = PodSpec(containers=[Container(name=name, image=image) for name, image in names.items()])
        metadata = ObjectMeta(name="pod", namespace="pulled-images-test")
        kubernetes.create(Pod(metadata=metadata, spec=specification))
        found = image_ids(kubernetes)
    finally:
        kubernetes.delete(Namespace, "pulled-images-test")
    assert {names[name]: image_id for name, image_id in found.items()} == REPORTED


def image_ids(kubernetes: Client) -> dict[str, str]:
    give_up = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < give_up:
        pod = kubernetes.get(Pod, "pod", namespace="pulled-images-test")
        if pod.status and pod.status.containerStatuses:
            return {status.name: status.imageID for status in pod.status.containerStatuses}
        time.sleep(0.2)
    return {}


def test_the_registry_has_the_digest_that_nodes_pull(aws: AwsClients) -> None:
    for tag, digest in (("1234567", digest_of(f"{NAME}:1234567")), ("7654321", PINNED)):
        push_image(aws.ecr, CORE_API.repository, tag, digest=None if digest != PINNED else PINNED)
        (found,) = aws.ecr.describe_images(repositoryName=CORE_API.repository, imageIds=[{"imageTag": tag}])[
            "imageDetails"
        ]
        assert found["imageDigest"] == digest


@pytest.mark.parametrize("stage", ["", "kind: Stage\nspec: {}\n"])
def test_a_stage_without_containers_stays_as_it_is(stage: str) -> None:
    assert with_image_ids(stage) == stage
