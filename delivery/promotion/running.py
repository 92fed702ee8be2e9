"""The single digest that an environment runs of each application."""

from collections.abc import Mapping, Sequence

from delivery.images.running import RunningImage
from delivery.promotion.refusal import RefusedError


def running_digests(environment: str, running: Mapping[str, Sequence[RunningImage]]) -> dict[str, str]:
    """Return the digests by field. Raises RefusedError if an application runs none, several or an unknown one."""
    digests = {}
    for field, images in running.items():
        found = {image.digest for image in images}
        if not found:
            raise RefusedError(
                f"{field}: no pod of {environment} is ready, so there is nothing to promote; make verify"
            )
        digest = found.pop()
        if found or digest is None:
            names = ", ".join(f"{image.digest or image.image} on {image.pods}" for image in images)
            raise RefusedError(
                f"{field}: the pods of {environment} run several images, or do not say which ({names}); try again when "
                f"make verify ENV={environment} finds them rolled out"
            )
        digests[field] = digest
    return digests
