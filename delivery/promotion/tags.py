"""The tag that stands beside a promoted digest in the settings: one that names this build, and goes on doing so."""

from delivery.images.registry import ImageRegistry, RegistryError
from delivery.promotion.refusal import RefusedError
from environments.schema.formats import is_immutable
from environments.schema.settings import Image


def promoted_image(
    registry: ImageRegistry, repository: str, *, digest: str, recorded_tag: str | None, must_stay: bool
) -> Image:
    """Return the image for the settings.

    recorded_tag: as the settings had it when the digest was verified. must_stay: no tag that can be moved to another
    build will do. Raises RefusedError where the registry does not have the image, or no tag fits.
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
            f"{repository}: the tag {recorded_tag} does not name {digest} any more, which was verified: it was moved "
            "or deleted; deploy what it names now, or another build, and promote that"
        )
    if recorded_tag in lasting:
        return Image(tag=recorded_tag, digest=digest)
    # A branch's tag is not worth keeping where the same image has one of its commit.
    allowed = lasting or ([] if must_stay or recorded_tag is None else [recorded_tag])
    if not allowed:
        raise RefusedError(
            f"{repository}@{digest} has no tag that stays (its tags: {', '.join(sorted(tags)) or 'none'}); allowed: "
            "prod-COMMIT, staging-COMMIT, COMMIT or a release: push one of these for it"
        )
    return Image(tag=allowed[0], digest=digest)
