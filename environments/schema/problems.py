"""What pydantic says of settings, in one line for each problem: the field, what is allowed, and what was given."""

from collections.abc import Iterator

from pydantic import ValidationError

from environments.schema.base import Settings


def problems(error: ValidationError) -> Iterator[str]:
    """Yield the problems of settings that were refused."""
    types = {settings.__name__: settings for settings in Settings.__subclasses__()}
    found = error.errors()
    spoilt = {problem["loc"][:-1] for problem in found}
    for problem in found:
        # An item that is refused does not count, so that its list may be called too short as well.
        if problem["type"] == "too_short" and problem["loc"] in spoilt:
            continue
        field, message = (
            ".".join(map(str, (error.title, *problem["loc"]))),
            problem["msg"].removeprefix("Value error, "),
        )
        if problem["type"] == "extra_forbidden":
            message = f"no such setting; allowed: {', '.join(types[error.title].model_fields)}"
        # What lacks a field is the whole object, which is no help.
        given = "" if problem["type"] == "missing" else f" (given: {problem['input']!r})"
        yield f"{field}: {message}{given}"


def of_shared_settings(error: ValueError) -> list[str]:
    """The problems of what the environments share, which is read where it is imported; none for another error."""
    if not isinstance(error, ValidationError):
        return []
    return [f"environments/shared.py: {problem}" for problem in problems(error)]
