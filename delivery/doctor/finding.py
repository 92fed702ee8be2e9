"""Facts, their findings, and how to read one without affecting the others."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from threading import Lock
from typing import Generic, Literal, TypeVar

from delivery.account.reason import reason
from delivery.redaction.mask import Mask

Answer = TypeVar("Answer")


class Mark(StrEnum):
    """What a fact means for a deploy. NOTE: worth a look, but no obstacle. NOT_SEEN: unknown."""

    OK = "ok"
    NOTE = "note"
    IN_THE_WAY = "in the way"
    NOT_SEEN = "not seen"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What exists. remedy: the line to set, with its file, or the command to run; empty if all is well."""

    mark: Mark
    found: str
    remedy: str = ""


def fine(found: str) -> Finding:
    """As it should be."""
    return Finding(mark=Mark.OK, found=found)


def note(found: str, remedy: str = "") -> Finding:
    """Worth a look, but does not stop a deploy."""
    return Finding(mark=Mark.NOTE, found=found, remedy=remedy)


def in_the_way(found: str, remedy: str) -> Finding:
    """A deploy would not start, or would stop halfway."""
    return Finding(mark=Mark.IN_THE_WAY, found=found, remedy=remedy)


def not_seen(why: str, remedy: str = "") -> Finding:
    """It cannot be read; nothing is concluded."""
    return Finding(mark=Mark.NOT_SEEN, found=why, remedy=remedy)


@dataclass(frozen=True, kw_only=True)
class Fact:
    """One thing on which settings and account must agree.

    name: the row's first column. settings: what they say. read: changes nothing; any error makes the fact one that is
    not seen. quick: takes a request or two, so every deploy can afford it. needed_by: the stack that it would stop;
    ``workflows``: no stack, but GitHub's workflows.
    """

    name: str
    settings: str
    read: Callable[[], Finding]
    quick: bool = False
    needed_by: Literal["both", "bootstrap", "environment", "workflows"] = "environment"


@dataclass(frozen=True, kw_only=True)
class Row:
    """A fact with its finding."""

    fact: Fact
    finding: Finding

    def cleaned(self, redaction: Mask) -> "Row":
        """The same row with secrets masked and each text on one line."""
        found, remedy = redaction.clean_line(self.finding.found), redaction.clean(self.finding.remedy)
        return Row(fact=self.fact, finding=Finding(mark=self.finding.mark, found=found, remedy=remedy))


def perform(fact: Fact) -> Row:
    """Read a fact. Never raises, so that the other facts are still read."""
    try:
        finding = fact.read()
    except Exception as error:  # noqa: BLE001 whatever goes wrong, this fact is not seen
        finding = not_seen(reason(error))
    return Row(fact=fact, finding=finding)


class Once(Generic[Answer]):
    """A call whose result several facts share and that runs once. An error is a result too and is raised each time."""

    def __init__(self, ask: Callable[[], Answer]) -> None:
        self._ask = ask
        self._lock = Lock()
        self._answers: list[Answer] = []
        self._error: Exception | None = None

    def __call__(self) -> Answer:
        """The result. Raises the error of the call."""
        with self._lock:
            if not self._answers and self._error is None:
                try:
                    self._answers.append(self._ask())
                except Exception as error:  # noqa: BLE001 raised below, and whenever it is asked again
                    self._error = error
        if self._error is not None:
            raise self._error
        return self._answers[0]
