"""Checks that the pods run the builds that the settings name, by the digests that their nodes pulled."""

from collections.abc import Iterator, Sequence
from functools import partial

from delivery.account.error import CheckError
from delivery.account.target import Target
from delivery.images.agreement import running_digest
from delivery.images.registry import ImageRegistry, NoImageError, NoRepositoryError, RegistryError
from delivery.images.running import RunningImage, image_name, running_image
from delivery.verification.check import Caution, Check
from environments.applications import APPLICATION_OF_FIELD
from environments.schema.contract import Application
from environments.schema.formats import is_immutable
from environments.schema.settings import Image


def checks(target: Target) -> Iterator[Check]:
    """Yield one check for each application, unless the environment is paused."""
    if target.environment.paused:
        return
    for field, application in APPLICATION_OF_FIELD.items():
        image = target.environment.images[field]
        yield Check(
            name=f"image {application.name}",
            run=partial(_image, target, application, image),
            expected=f"all ready pods run {image.digest or f'what the tag {image.tag} names in the registry'}",
            look=f"python -m delivery images {target.environment.name}",
            waits=True,
        )


def _image(target: Target, application: Application, image: Image) -> str | Caution:
    return compare(target, application, image, running_image(target, application))


def compare(target: Target, application: Application, image: Image, running: Sequence[RunningImage]) -> str | Caution:
    """Say which build runs. image: of the settings. running: what the application's ready pods run.

    If the tag names another build in the registry by now, that is an error for a tag whose form promises a single
    build: a new pod would run what nobody deployed. For a branch's tag it is a warning. Raises CheckError.
    """
    repository = application.repository
    digest = running_digest(image, image_name(target.shared, application, image), running)
    if image.digest:
        return f"{repository}@{digest}"
    try:
        found = ImageRegistry(target.session, target.shared).find(repository, image)
    except (NoImageError, NoRepositoryError) as error:
        raise CheckError(f"{error}: pods run {digest}, and no other node could pull it", lasting=True) from None
    except RegistryError as error:
        return Caution(f"pods run {digest}; cannot tell whether {repository}{image.reference} still names it: {error}")
    if found.digest != digest:
        problem = f"tag {image.tag} moved: pods run {digest}, registry has {found.digest}"
        if is_immutable(image.tag or ""):
            raise CheckError(problem, lasting=True)
        return Caution(f"{problem}; python -m delivery images {target.environment.name} --set TAG names one build")
    return f"{repository}{image.reference} is {digest}"
