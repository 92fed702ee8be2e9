"""The base of all stored records about previews."""

from pydantic import BaseModel, ConfigDict


class Stored(BaseModel):
    """Frozen, refuses unknown keys, and converts no value to another type."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, revalidate_instances="always")
