"""An application's image in the settings, in its pods and in the registry."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from botocore.exceptions import BotoCoreError, ClientError
from lightkube import ApiError

from delivery.account.error import CheckError
from delivery.account.reason import reason
from delivery.account.target import Target
from delivery.images.agreement import running_digest
from delivery.images.registry import ImageRegistry, NoImageError, NoRepositoryError, RegistryImage, ResolvedImage
from delivery.images.running import RunningImage, image_name, running_image
from delivery.images.selection import newest
from environments.applications import APPLICATION_OF_FIELD
from environments.schema.settings import Image

HEADINGS = ("application", "settings", "runs", "registry", "newest that fits")
# The number of a digest's 64 digits that Docker shows.
_DIGITS = 12
_NONE = "-"
Answer = TypeVar("Answer")


@dataclass(frozen=True, kw_only=True)
class Row:
    """One application's row. cells: in the order of HEADINGS. problems: mismatches, with full digests."""

    cells: tuple[str, ...]
    problems: tuple[str, ...]


def read_row(target: Target, registry: ImageRegistry, field: str) -> Row:
    """Return the row of a field of ``Environment.images``. Never raises: a cell says so if a call fails."""
    application, image = APPLICATION_OF_FIELD[field], target.environment.images[field]
    repository = application.repository
    named = Image(tag=image.tag) if image.tag else image
    running = _asked(lambda: running_image(target, application))
    found = _asked(lambda: registry.find(repository, named))
    latest = _asked(lambda: newest(registry, target.environment, repository))
    name = image_name(target.shared, application, image)
    problems = _problems(image, found)
    if not isinstance(running, Exception) and not target.environment.paused:
        problems += _differences(image, name, running, found)
    return Row(
        cells=(
            application.name,
            f"{image.tag or ''}{f'@{short(image.digest)}' if image.digest else ', no digest'}",
            _unseen(running) if isinstance(running, Exception) else _runs(running, name),
            _unseen(found) if isinstance(found, Exception) else _pushed(short(found.digest), found),
            _unseen(latest) if isinstance(latest, Exception) else _pushed(latest.tag, latest) if latest else _NONE,
        ),
        problems=tuple(f"{application.name}: {problem}" for problem in problems),
    )


def short(digest: str) -> str:
    """Return a digest's first digits."""
    return digest.removeprefix("sha256:")[:_DIGITS]


def _asked(ask: Callable[[], Answer]) -> Answer | Exception:
    try:
        return ask()
    except (CheckError, ApiError, BotoCoreError, ClientError) as error:
        return error


def _problems(image: Image, found: RegistryImage | Exception) -> list[str]:
    """What is wrong with the settings' image in the registry; nothing if the registry cannot be read."""
    if isinstance(found, NoImageError | NoRepositoryError):
        return [str(found)]
    if isinstance(found, Exception) or image.digest in (None, found.digest):
        return []
    return [f"tag {image.tag} moved: the settings have {image.digest}, the registry has {found.digest}"]


def _differences(
    image: Image, name: str, running: Sequence[RunningImage], found: RegistryImage | Exception
) -> Iterator[str]:
    """What is wrong with the running images."""
    try:
        digest = running_digest(image, name, running)
    except CheckError as error:
        yield str(error)
        return
    if not image.digest and not isinstance(found, Exception) and found.digest != digest:
        yield f"tag {image.tag} moved: pods run {digest}, the registry has {found.digest}"


def _runs(running: Sequence[RunningImage], name: str) -> str:
    registry = f"{name.partition('/')[0]}/"
    cells = [
        f"{short(it.digest or 'unknown')}{'' if it.image == name else f' of {it.image.removeprefix(registry)}'} "
        f"({_pods(it.pods)})"
        for it in running
    ]
    return ", ".join(cells) or "no ready pod"


def _pods(count: int) -> str:
    return "1 pod" if count == 1 else f"{count} pods"


def _pushed(what: str, image: RegistryImage | ResolvedImage) -> str:
    return f"{what}, pushed {image.pushed_at:%Y-%m-%d %H:%M}"


def _unseen(error: Exception) -> str:
    return _NONE if isinstance(error, NoImageError | NoRepositoryError) else f"not seen: {reason(error)}"
