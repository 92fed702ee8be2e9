"""The newest migration in an image, if the image names it."""

from delivery.images.registry import ImageRegistry, NoImageError, NoRepositoryError
from environments.schema.settings import Image

# The application's build may set it on the manifest, or on an index of several: docs/promotion.md.
ANNOTATION = "org.mosaic-stories.migration-head"


def migration_in(registry: ImageRegistry, repository: str, image: Image) -> str | None:
    """Return the newest migration in an image; None if the image does not name it or is gone from the registry.

    Raises RegistryError if the registry does not answer.
    """
    try:
        digest = image.digest or registry.find(repository, image).digest
        return registry.annotations(repository, digest).get(ANNOTATION)
    except (NoImageError, NoRepositoryError):
        return None
