"""Waits for other processes, and stops waiting if the whole start is cancelled."""

import threading
import time
from collections.abc import Callable

from local.runtime.errors import LocalCloudError

_POLL_SECONDS = 0.05


class WaitCancelledError(LocalCloudError):
    """The wait was cancelled from outside: another part failed, or the user pressed Ctrl-C."""


class WaitTimedOutError(LocalCloudError):
    """The awaited condition did not come true in time."""


def wait_until(problem: Callable[[], str | None], *, what: str, seconds: float, cancelled: threading.Event) -> None:
    """Call ``problem`` repeatedly until it returns None, which means that there is no problem left.

    ``what``: names what is awaited in the errors.

    Raises:
        WaitCancelledError: ``cancelled`` was set.
        WaitTimedOutError: there is still a problem after ``seconds``; the message holds the last one.

    """
    give_up = time.monotonic() + seconds
    while (found := problem()) is not None:
        if time.monotonic() > give_up:
            raise WaitTimedOutError(f"{what} after {seconds:.0f} s: {found}")
        if cancelled.wait(_POLL_SECONDS):
            raise WaitCancelledError(f"{what} when the start was abandoned.")
