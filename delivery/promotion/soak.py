"""Checks that the images running in an environment were verified there and have run long enough since."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import takewhile

from delivery.history.record import Record, State
from delivery.promotion.refusal import RefusedError
from delivery.report.markdown import counted, printable


@dataclass(frozen=True, kw_only=True)
class Soaked:
    """The newest record of the running images, and since when they have been running, verified."""

    record: Record
    since: datetime


def soaked(
    environment: str, running: Mapping[str, str], records: Iterable[Record], *, soak: timedelta, now: datetime
) -> Soaked:
    """Return since when the environment has been running its verified images. Raises RefusedError.

    running: digests by field. records: the environment's, newest first. The time counts from the first of its latest
    deploys that all had these digests and were all verified: a deploy of another setting does not restart it.
    """
    unbroken = takewhile(lambda record: record.digests == running, records)
    newest = next(unbroken, None)
    again = f"run the last deploy of {environment} again, which verifies it and records that"
    if newest is None:
        raise RefusedError(
            f"{environment} does not run the digests of its last recorded deploy, or no deploy is recorded "
            f"(make history ENV={environment}); {again}"
        )
    what = f"the deploy of {newest.commit[:7]} in {environment}"
    if newest.state is State.UNKNOWN:
        raise RefusedError(f"{what} was never verified; {again}")
    if newest.failed:
        when = "failed" if newest.state is State.FAILED else "was verified, and has failed since"
        said = printable(newest.failed.description or "no description")
        page = f" ({newest.failed.log_url})" if newest.failed.log_url else ""
        raise RefusedError(f"{what} {when} at {moment(newest.failed.created_at)}: {said}{page}; fix it, then {again}")
    since = newest.verified_at
    for record in takewhile(lambda row: row.state is State.VERIFIED, unbroken):
        since = record.verified_at or since
    assert since is not None  # noqa: S101 it is verified
    over = since + soak
    if now < over:
        minutes = -(-(over - now) // timedelta(minutes=1))
        raise RefusedError(
            f"{environment} has been running these digests since {moment(since)}, and the soak time is not over: try "
            f"again at {moment(over)}, in {counted(minutes, 'minute')} (soak_minutes in environments/shared.py)"
        )
    return Soaked(record=newest, since=since)


def moment(time: datetime) -> str:
    """Format a time for messages, in UTC."""
    return f"{time:%Y-%m-%d %H:%M} UTC"
