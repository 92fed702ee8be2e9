"""The base of every settings type."""

from pydantic import BaseModel, ConfigDict


class Settings(BaseModel):
    """Frozen, with unknown keys refused and no value converted to another type."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
