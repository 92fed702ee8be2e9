"""Whether an application's pods run the image that the settings name."""

from collections.abc import Sequence

from delivery.account.error import CheckError
from delivery.images.running import RunningImage
from environments.schema.settings import Image


def running_digest(image: Image, name: str, running: Sequence[RunningImage]) -> str:
    """Return the one digest that all pods run; it equals the settings' digest if they have one.

    image: from the settings. name: the same with registry and repository, as pods name it. running: the images of the
    ready pods. Raises CheckError if no pod is ready, if they run another image or different builds, or if a node does
    not report the digest.
    """
    if not running:
        raise CheckError("no ready pod runs it")
    registry = f"{name.partition('/')[0]}/"
    others = [f"{_pods(it)} {it.image.removeprefix(registry)}" for it in running if it.image != name]
    if others:
        raise CheckError(f"{', '.join(others)}, not {name.removeprefix(registry)}")
    unknown = sum(it.pods for it in running if it.digest is None)
    if unknown:
        raise CheckError(f"the nodes of {unknown} of {sum(it.pods for it in running)} pods do not say what they run")
    first, *further = [it.digest for it in running if it.digest]
    if further:
        builds = ", ".join(f"{_pods(it)} {it.digest}" for it in running)
        raise CheckError(f"different builds of {name.removeprefix(registry)}: {builds}")
    if image.digest and first != image.digest:
        raise CheckError(f"pods run {first}, the settings have {image.digest}")
    return first


def _pods(image: RunningImage) -> str:
    return "1 pod runs" if image.pods == 1 else f"{image.pods} pods run"
