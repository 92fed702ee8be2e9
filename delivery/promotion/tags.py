"""Chooses the tag beside a promoted digest in the settings: one that names this build permanently."""

from delivery.images.registry import ImageRegistry, RegistryError
from delivery.promotion.refusal import RefusedError
from environments.schema.formats import is_immutable
from environments.schema.settings import Image


def promoted_image(
    registry: ImageRegistry, repository: str, *, digest: str, recorded_tag: str | None, must_stay: bool
) -> Image:
    """Return the image for the settings.

    recorded_tag: the settings' tag when the digest was verified. must_stay: accept no tag that can move to another
    build. Raises RefusedError if the registry does not have the image, or no tag fits.
    """
    try:
        tags = registry.find(repository, Image(digest=digest)).tags
    except RegistryError as error:
        raise RefusedError(
            f"{repository}@{digest} cannot be promoted: {error}; push it, or deploy another build"
        ) from None
    lasting = sorted(tag for tag in tags if is_immutable(tag))
    if recorded_tag is not None and recorded_tag not in tags and (is_immutable(recorded_tag) or not lasting):
        raise RefusedError(
            f"{repository}: the tag {recorded_tag} no longer names {digest}, which was verified: it was moved "
            "or deleted; deploy what it names now, or another build, and promote that"
        )
    if recorded_tag in lasting:
        return Image(tag=recorded_tag, digest=digest)
    # If the same image has a tag for its commit, its branch's tag is not worth keeping.
    allowed = lasting or ([] if must_stay or recorded_tag is None else [recorded_tag])
    if not allowed:
        raise RefusedError(
            f"{repository}@{digest} has no permanent tag (its tags: {', '.join(sorted(tags)) or 'none'}); allowed: "
            "prod-COMMIT, staging-COMMIT, COMMIT or a release: push one of these for it"
        )
    return Image(tag=allowed[0], digest=digest)
