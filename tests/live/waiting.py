"""Waits for servers that react to a change a moment later."""

import time
from collections.abc import Callable

# The API server needs a second; a controller that gets no event looks once a minute.
API_SERVER_SECONDS, CONTROLLER_SECONDS = 30, 120


def wait_until(is_so: Callable[[], bool], what: str, *, seconds: float = API_SERVER_SECONDS) -> None:
    """Wait until the condition holds; fail with its description if it does not hold in time."""
    give_up = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < give_up, f"{what}: not so within {seconds} s"
        time.sleep(0.2)
