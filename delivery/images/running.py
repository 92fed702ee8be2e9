"""The images that an environment's pods run, as recorded by the nodes that pulled them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lightkube.resources.core_v1 import Pod

from delivery.account.kubernetes_namespace import Manifest
from delivery.account.target import Target
from environments.applications import APPLICATION_OF_FIELD
from environments.schema.contract import Application
from environments.schema.settings import Image, Shared
from modules.model.tags import selector_labels


@dataclass(frozen=True, kw_only=True)
class RunningImage:
    """An image that ready pods of an application run.

    image: as the pods name it. digest: of the image that the node pulled under that name; None if the node does not
    report it, such as before the container has started. pods: how many run it.
    """

    image: str
    digest: str | None
    pods: int


def image_name(shared: Shared, application: Application, image: Image) -> str:
    """Return the name that pods use for an application's image."""
    return f"{shared.image_registry}/{application.repository}{image.reference}"


def running_images(target: Target) -> Mapping[str, Sequence[RunningImage]]:
    """Return the images of each application's ready pods, by field of ``Environment.images``.

    The image with the most pods comes first; empty if no pod is ready. Raises CheckError, ApiError.
    """
    return {field: running_image(target, application) for field, application in APPLICATION_OF_FIELD.items()}


def running_image(target: Target, application: Application) -> Sequence[RunningImage]:
    """Return the same for one application. Raises CheckError, ApiError."""
    pods = target.namespace.read_all(Pod, selector_labels(application, target.names.instance))
    return images_of(pods, application.name)


def images_of(pods: Sequence[Manifest], container: str) -> Sequence[RunningImage]:
    """Return the images of the containers with this name in pods that are ready and not being deleted."""
    counts = Counter(
        (spec["image"], _digest(status))
        for pod in pods
        if _is_ready(pod)
        for spec in pod["spec"]["containers"]
        for status in pod["status"].get("containerStatuses", [])
        if spec["name"] == status["name"] == container
    )
    return [RunningImage(image=image, digest=digest, pods=pods) for (image, digest), pods in counts.most_common()]


def _is_ready(pod: Manifest) -> bool:
    conditions = pod.get("status", {}).get("conditions", [])
    ready = any(condition["type"] == "Ready" and condition["status"] == "True" for condition in conditions)
    return ready and "deletionTimestamp" not in pod["metadata"]


def _digest(status: Manifest) -> str | None:
    # REGISTRY/REPOSITORY@DIGEST. An id without a repository names the image's configuration, which no registry lists.
    return status.get("imageID", "").partition("@")[2] or None
