"""What a fact is, what is found of it, and how one is read without disturbing the others."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from threading import Lock
from typing import Generic, Literal, TypeVar

from delivery.account.reason import reason
from delivery.redaction.mask import Mask

Answer = TypeVar("Answer")


class Mark(StrEnum):
    """How a fact stands to a deploy. NOTE: worth a look, and no obstacle. NOT_SEEN: nobody knows."""

    OK = "ok"
    NOTE = "note"
    IN_THE_WAY = "in the way"
    NOT_SEEN = "not seen"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What is there. remedy: the line to set, with its file, or the command to run; nothing where all is well."""

    mark: Mark
    found: str
    remedy: str = ""


def fine(found: str) -> Finding:
    """As it should be."""
    return Finding(mark=Mark.OK, found=found)


def note(found: str, remedy: str = "") -> Finding:
    """Worth a look, and not in the way of a deploy."""
    return Finding(mark=Mark.NOTE, found=found, remedy=remedy)


def in_the_way(found: str, remedy: str) -> Finding:
    """A deploy would not start, or would stop half-way."""
    return Finding(mark=Mark.IN_THE_WAY, found=found, remedy=remedy)


def not_seen(why: str, remedy: str = "") -> Finding:
    """It cannot be looked at; nothing is concluded."""
    return Finding(mark=Mark.NOT_SEEN, found=why, remedy=remedy)


@dataclass(frozen=True, kw_only=True)
class Fact:
    """One thing that settings and account have to agree on.

    name: stands first on its row. settings: what they say. read: looks, changes nothing; whatever it raises makes the
    fact one that is not seen. quick: a request or two tell it, so that every deploy can afford it. needed_by: the
    stack that it would stop; ``workflows``: neither, but GitHub's.
    """

    name: str
    settings: str
    read: Callable[[], Finding]
    quick: bool = False
    needed_by: Literal["both", "bootstrap", "environment", "workflows"] = "environment"


@dataclass(frozen=True, kw_only=True)
class Row:
    """A fact with what was found."""

    fact: Fact
    finding: Finding

    def cleaned(self, redaction: Mask) -> "Row":
        """The same without what must not be printed, each text on one line."""
        found, remedy = redaction.clean_line(self.finding.found), redaction.clean(self.finding.remedy)
        return Row(fact=self.fact, finding=Finding(mark=self.finding.mark, found=found, remedy=remedy))


def perform(fact: Fact) -> Row:
    """Read a fact. Nothing that reading raises comes out of here: the other facts are still read."""
    try:
        finding = fact.read()
    except Exception as error:  # noqa: BLE001 whatever goes wrong, this fact is not seen
        finding = not_seen(reason(error))
    return Row(fact=fact, finding=finding)


class Once(Generic[Answer]):
    """A question that several facts have and that is asked once. An error is an answer too, and is raised each time."""

    def __init__(self, ask: Callable[[], Answer]) -> None:
        self._ask = ask
        self._lock = Lock()
        self._answers: list[Answer] = []
        self._error: Exception | None = None

    def __call__(self) -> Answer:
        """The answer. Raises what asking raised."""
        with self._lock:
            if not self._answers and self._error is None:
                try:
                    self._answers.append(self._ask())
                except Exception as error:  # noqa: BLE001 raised below, and whenever it is asked again
                    self._error = error
        if self._error is not None:
            raise self._error
        return self._answers[0]
