"""The base of what is stored about previews."""

from pydantic import BaseModel, ConfigDict


class Stored(BaseModel):
    """Frozen, with unknown keys refused and no value converted to another type."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, revalidate_instances="always")
