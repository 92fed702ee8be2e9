"""Selects an environment's build: a tag that the repositories of all applications have."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from delivery.images.registry import ImageRegistry, NoImageError, RegistryError, ResolvedImage
from environments.applications import APPLICATION_OF_FIELD
from environments.schema.catalogue import file_of
from environments.schema.formats import is_immutable
from environments.schema.settings import Environment

LATEST = "latest"
# How many tags a message names.
_SHOWN = 3


class SelectionError(Exception):
    """No build can be selected; the message has one line per reason, with what is allowed.

    unusable: the requested tag can never be selected, whatever the registry holds.
    """

    def __init__(self, message: str, *, unusable: bool = False) -> None:
        super().__init__(message)
        self.unusable = unusable


@dataclass(frozen=True, kw_only=True)
class Selection:
    """A build. images: those of its tag, by field of ``Environment.images``. remarks: why not another build."""

    images: Mapping[str, ResolvedImage]
    remarks: tuple[str, ...] = ()


def fits(tag: str, environment: Environment) -> bool:
    """Whether the application's build made this tag for the environment: NAME-COMMIT, such as staging-1a2b3c4."""
    return re.fullmatch(rf"{re.escape(environment.name)}-[0-9a-f]{{7,40}}", tag) is not None


def newest(registry: ImageRegistry, environment: Environment, repository: str) -> ResolvedImage | None:
    """Return the newest tag of a repository that fits the environment. Raises RegistryError."""
    return next((image for image in registry.tags(repository) if fits(image.tag, environment)), None)


def select(registry: ImageRegistry, environment: Environment, wanted: str) -> Selection:
    """Return the build with this tag; with LATEST, the newest build that every repository has.

    Raises SelectionError if a repository lacks the tag, the settings hold another digest for it, a protected
    environment would get a mutable tag, or the nodes could not run the image. Raises RegistryError if the registry does
    not answer.
    """
    if wanted == LATEST:
        tag, remarks = _latest(registry, environment)
    else:
        tag, remarks = wanted, ()
    if environment.protected and not is_immutable(tag):
        raise SelectionError(
            f"tag {tag!r} can be moved to another build; allowed in a protected environment: prod-COMMIT, "
            "staging-COMMIT or COMMIT (7 to 40 hex digits), or a release such as v1.2.3",
            unusable=True,
        )
    images, problems = {}, []
    for field, application in APPLICATION_OF_FIELD.items():
        try:
            images[field] = registry.resolve(application.repository, tag)
        except NoImageError as error:
            problems.append(f"{error}; {_instead(registry, environment, application.repository)}")
        except RegistryError as error:
            problems.append(str(error))
        else:
            problems += _moved(environment, field, images[field])
    if problems:
        raise SelectionError("\n".join(problems))
    return Selection(images=images, remarks=remarks)


def _latest(registry: ImageRegistry, environment: Environment) -> tuple[str, tuple[str, ...]]:
    """The newest tag that all repositories have, and a remark on each repository that has a newer one.

    A build pushes its images one by one. Its age counts from the first push: pushing an old image again to one
    repository does not make the build new.
    """
    found = {
        application.repository: [
            image for image in registry.tags(application.repository) if fits(image.tag, environment)
        ]
        for application in APPLICATION_OF_FIELD.values()
    }
    pushed = {repository: {image.tag: image.pushed_at for image in images} for repository, images in found.items()}
    common = set.intersection(*(set(times) for times in pushed.values()))
    if not common:
        has = "; ".join(f"{repository} has {_listed(list(times))}" for repository, times in pushed.items())
        raise SelectionError(
            f"no tag {environment.name}-COMMIT is in every repository: {has}; allowed: --set TAG, of a build that "
            "pushed every image"
        )
    tag = max(common, key=lambda tag: (min(times[tag] for times in pushed.values()), tag))
    remarks = tuple(
        f"{repository} has a newer {images[0].tag}, pushed {images[0].pushed_at:%Y-%m-%d %H:%M}, which not every "
        f"repository has: {tag} is the newest that all have"
        for repository, images in found.items()
        if images[0].tag not in common
    )
    return tag, remarks


def _moved(environment: Environment, field: str, image: ResolvedImage) -> list[str]:
    settings = environment.images[field]
    if settings.tag != image.tag or settings.digest in (None, image.digest):
        return []
    return [
        f"{APPLICATION_OF_FIELD[field].name}: tag {image.tag} has moved: {file_of(environment.name)} has "
        f"{settings.digest}, the registry {image.digest}; allowed: another tag or, for the new build, this "
        "one after you remove its digest from the file"
    ]


def _instead(registry: ImageRegistry, environment: Environment, repository: str) -> str:
    tags = [image.tag for image in registry.tags(repository) if fits(image.tag, environment)]
    return f"its {environment.name}-COMMIT tags: {_listed(tags)}"


def _listed(tags: list[str]) -> str:
    return f"{', '.join(tags[:_SHOWN])}{', ...' if len(tags) > _SHOWN else ''}" if tags else "none"
