"""A lease: who works on a slot, and until when nobody else may."""

from datetime import datetime, timedelta
from typing import Literal

from pydantic import AwareDatetime

from delivery.preview.clock import moment
from delivery.preview.stored import Stored

# Longer than a deploy or release of a slot takes, and than a workflow's job for either may run: after that the holder
# is gone.
DURATION = timedelta(minutes=45)
What = Literal["deploy", "release", "sleep"]


class Lease(Stored):
    """Work on a slot. by: the URL of a workflow run, or USER@HOST:PID. until: when the lease expires."""

    what: What
    by: str
    until: AwareDatetime

    def is_over(self, now: datetime) -> bool:
        """Whether the lease has expired."""
        return now >= self.until

    def __str__(self) -> str:
        return f"{self.what} by {self.by} until {moment(self.until)}"
