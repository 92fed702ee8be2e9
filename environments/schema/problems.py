"""Formats pydantic's errors about settings, one line for each problem: field, what is allowed, what was given."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import get_args

from pydantic import ValidationError

from environments.schema.base import Settings


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One refused field.

    kind: pydantic's name for it. path: from the settings to the field. message: what is allowed. given: the refused
    value as Python prints it; empty if a field is missing, since then pydantic reports the whole object.
    """

    kind: str
    path: tuple[int | str, ...]
    message: str
    given: str


def found(error: ValidationError) -> Iterator[Problem]:
    """Yield the problems in refused settings."""
    types = {settings.__name__: settings for settings in Settings.__subclasses__()}
    rows = error.errors()
    spoilt = {row["loc"][:-1] for row in rows}
    for row in rows:
        # A refused item does not count, so its list may be reported as too short as well.
        if row["type"] == "too_short" and row["loc"] in spoilt:
            continue
        message = row["msg"].removeprefix("Value error, ")
        if row["type"] == "extra_forbidden":
            fields = _holder(types[error.title], row["loc"]).model_fields
            message = f"no such setting; allowed: {', '.join(fields)}"
        given = "" if row["type"] == "missing" else repr(row["input"])
        yield Problem(kind=row["type"], path=row["loc"], message=message, given=given)


def problems(error: ValidationError) -> Iterator[str]:
    """Yield the problems in refused settings, each in words."""
    for problem in found(error):
        field = ".".join(map(str, (error.title, *problem.path)))
        yield f"{field}: {problem.message}" + (f" (given: {problem.given})" if problem.given else "")


def of_shared_settings(error: ValueError) -> list[str]:
    """The problems in the shared settings, which are read on import; empty for another error."""
    if not isinstance(error, ValidationError):
        return []
    return [f"environments/shared.py: {problem}" for problem in problems(error)]


def _holder(settings: type[Settings], path: tuple[int | str, ...]) -> type[Settings]:
    """The settings inside these that would hold the field at this path: JSON is refused as a whole."""
    for step in path[:-1]:
        if step in settings.model_fields:
            settings = next(_settings_in(settings.model_fields[str(step)].annotation), settings)
    return settings


def _settings_in(annotation: object) -> Iterator[type[Settings]]:
    if isinstance(annotation, type) and issubclass(annotation, Settings):
        yield annotation
    for argument in get_args(annotation):
        yield from _settings_in(argument)
