"""Defines a check, and runs and repeats it."""

import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from botocore.exceptions import ClientError

from delivery.account.error import CheckError

# The calls within an attempt have shorter limits; this one is for a server that hangs in the middle.
ATTEMPT_SECONDS = 30.0
_PAUSE_SECONDS = 2.0


@dataclass(frozen=True)
class Caution:
    """Right as far as this environment can make it, but worth a look; the text says what to do."""

    text: str


@dataclass(frozen=True, kw_only=True)
class Check:
    """One promise about the environment.

    name: the first word of its line. run: asks the real API; returns what it found if that is right, or a Caution, or
    raises CheckError. Any other exception is a failure too. expected, look: what should be, and where to look if it is
    not. waits: it may become right later, so it is repeated until then. reads_secrets: it needs a secret's value.
    """

    name: str
    run: Callable[[], str | Caution]
    expected: str
    look: str
    waits: bool = False
    reads_secrets: bool = False


class Status(StrEnum):
    """How a check ended."""

    OK = "ok"
    WARNING = "warn"
    FAILED = "FAIL"


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How a check ended, with its text."""

    status: Status
    text: str


def perform(check: Check, *, deadline: float, progress: Callable[[str], None]) -> Outcome:
    """Run the check; repeat it until the deadline if it waits for something.

    deadline: of ``time.monotonic``. progress: receives what is missing after each attempt but the last. Exceptions of
    the check never propagate.
    """
    while True:
        found = _attempt(check)
        if isinstance(found, str):
            return Outcome(status=Status.OK, text=found)
        if isinstance(found, Caution):
            return Outcome(status=Status.WARNING, text=found.text)
        problem = _words(found)
        remaining = deadline - time.monotonic()
        lasting = isinstance(found, CheckError) and found.lasting
        if not check.waits or lasting or remaining <= 0:
            return Outcome(status=Status.FAILED, text=f"{problem}; expected: {check.expected}; look at: {check.look}")
        progress(problem)
        time.sleep(min(_PAUSE_SECONDS, remaining))


def _words(error: Exception) -> str:
    if isinstance(error, CheckError):
        return str(error)
    if isinstance(error, ClientError):
        return f"{error.response['Error']['Code']}: {error.response['Error'].get('Message')}"
    return f"{type(error).__name__}: {error}"


def _attempt(check: Check) -> str | Caution | Exception:
    """Run one attempt in its own thread, which is abandoned if it hangs."""
    ended: queue.SimpleQueue[str | Caution | Exception] = queue.SimpleQueue()

    def run() -> None:
        try:
            ended.put(check.run())
        except Exception as error:  # noqa: BLE001 whatever goes wrong is a failed check, and the others are still made
            ended.put(error)

    threading.Thread(target=run, name=check.name, daemon=True).start()
    try:
        return ended.get(timeout=ATTEMPT_SECONDS)
    except queue.Empty:
        return CheckError(f"no answer within {ATTEMPT_SECONDS:.0f} s")
