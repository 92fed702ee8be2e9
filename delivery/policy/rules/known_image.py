"""An image in the records of deploys; the caller reads them, because the guard has no network access."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class KnownImage:
    """A deployed image. verified: in any environment. deployed_at: first. migration: the newest one in it."""

    verified: bool
    deployed_at: datetime
    migration: str | None = None
