"""The base of every settings type."""

from collections.abc import Mapping
from typing import Self

from pydantic import BaseModel, ConfigDict


class Settings(BaseModel):
    """Frozen, refuses unknown keys, and converts no value to another type."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    def changed(self, fields: Mapping[str, object]) -> Self:
        """Return the settings with other values in these fields, validated as usual. Raises ValidationError.

        A mapping for a field that holds settings changes only those fields of it.
        """
        return self.model_validate({**dict(self), **{name: self._value(name, value) for name, value in fields.items()}})

    def _value(self, name: str, value: object) -> object:
        own = getattr(self, name, None)
        return own.changed(value) if isinstance(own, Settings) and isinstance(value, Mapping) else value
