"""What the records of deploys say of an image; read by whoever has the network, as the guard has none."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class KnownImage:
    """An image that was deployed. verified: in some environment. deployed_at: first. migration: its newest one."""

    verified: bool
    deployed_at: datetime
    migration: str | None = None
