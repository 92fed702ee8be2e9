"""The current time, and whether it is reliable enough to end anything."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

# S3 itself refuses a caller whose clock is off by more than 15 minutes.
LARGEST_DIFFERENCE = timedelta(minutes=5)


@dataclass(frozen=True, kw_only=True)
class Clock:
    """now: the time. problem: why it must not end anything; None if both clocks agree."""

    now: datetime
    problem: str | None = None

    @classmethod
    def of(cls, stores: datetime, machines: datetime | None = None) -> "Clock":
        """Return the store's time, checked against the machine's. machines: None to read this machine's clock."""
        machines = machines or datetime.now(UTC)
        if abs(stores - machines) <= LARGEST_DIFFERENCE:
            return cls(now=stores)
        return cls(
            now=stores,
            problem=(
                f"S3's clock says {moment(stores)} and this machine's {moment(machines)}; allowed: a "
                f"difference of {LARGEST_DIFFERENCE.seconds // 60} minutes"
            ),
        )


def moment(time: datetime) -> str:
    """Format a time for a line of output."""
    return f"{time.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
