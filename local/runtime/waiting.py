"""Waits for what other processes do, and stops waiting when the whole start is given up."""

import threading
import time
from collections.abc import Callable

from local.runtime.errors import LocalCloudError

_POLL_SECONDS = 0.05


class WaitCancelledError(LocalCloudError):
    """The wait was ended from outside: another part failed, or the user pressed Ctrl-C."""


class WaitTimedOutError(LocalCloudError):
    """What was waited for did not come."""


def wait_until(problem: Callable[[], str | None], *, what: str, seconds: float, cancelled: threading.Event) -> None:
    """Ask ``problem`` again and again until it returns None, which means that there is none any more.

    ``what``: names what is waited for in the errors.

    Raises:
        WaitCancelledError: ``cancelled`` was set meanwhile.
        WaitTimedOutError: there still is a problem after ``seconds``; the message holds the last one.

    """
    give_up = time.monotonic() + seconds
    while (found := problem()) is not None:
        if time.monotonic() > give_up:
            raise WaitTimedOutError(f"{what} after {seconds:.0f} s: {found}")
        if cancelled.wait(_POLL_SECONDS):
            raise WaitCancelledError(f"{what} when the start was given up.")
