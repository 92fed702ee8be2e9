"""Settings as single fields, for comparison field by field."""

from collections.abc import Iterator, Mapping
from typing import Final

from environments.schema.base import Settings
from environments.schema.database import DatabaseNames
from environments.schema.settings import Environment, Shared


class _Missing:
    def __str__(self) -> str:
        return "nothing"


# The value of a missing field: its object is new, removed or not given.
MISSING: Final = _Missing()


def fields_of_environment(environment: Environment, shared: Shared) -> dict[str, object]:
    """Every field of an environment by its dotted path.

    Fields without a value have their derived one, so writing a derived value out changes nothing.
    """
    database = DatabaseNames.of(environment, shared)
    return dict(_fields(environment)) | {
        "database.name": database.database,
        "database.role": database.role,
        "database.credentials_path": database.credentials_path,
    }


def fields_of_shared(shared: Shared) -> dict[str, object]:
    """Every field of the shared settings by its dotted path."""
    return dict(_fields(shared))


def _fields(settings: Settings, path: str = "") -> Iterator[tuple[str, object]]:
    for name in type(settings).model_fields:
        yield from _field(getattr(settings, name), f"{path}.{name}".lstrip("."))


def _field(value: object, path: str) -> Iterator[tuple[str, object]]:
    """Named objects are identified by name; other lists and plain values are one field."""
    if isinstance(value, Settings):
        yield from _fields(value, path)
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield f"{path}[{key}]", item
    elif isinstance(value, tuple) and any(isinstance(item, Settings) and hasattr(item, "name") for item in value):
        for item in value:
            yield f"{path}[{item.name}]", True
            yield from _fields(item, f"{path}[{item.name}]")
    else:
        yield path, value
