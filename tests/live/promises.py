"""What the live tests promise, and how a session says which promises were kept."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.stages import Stage

PROMISES = (
    "Adoption",
    "Deploy",
    "Delivery",
    "Isolation",
    "Secrets",
    "Drift",
    "Rotation",
    "Previews",
    "Faults",
    "Bad input",
    "Destroy",
)


def promise_of(item: pytest.Item) -> str:
    """The promise that a test proves. Raises pytest.UsageError where it has none, or one that does not exist."""
    marker = item.get_closest_marker("promise")
    if marker is None or marker.args not in {(promise,) for promise in PROMISES}:
        given = "nothing" if marker is None else repr(marker.args)
        raise pytest.UsageError(
            f"{item.nodeid}: pytest.mark.promise has {given}; allowed in tests/live, one of: {', '.join(PROMISES)}"
        )
    return str(marker.args[0])


def check_of(item: pytest.Item) -> str:
    """What a test checks, in words: its docstring's first line, or its name; with its parameters."""
    function = getattr(item, "obj", None)
    words = (getattr(function, "__doc__", None) or "").strip().partition("\n")[0]
    name, _, parameters = item.name.partition("[")
    words = words or name.removeprefix("test_").replace("_", " ")
    return f"{words} [{parameters}" if parameters else words


@dataclass
class _Kept:
    """How a promise fares: checks made and broken, seconds spent."""

    chosen: int = 0
    broken: list[str] = field(default_factory=list)
    made: int = 0
    seconds: float = 0.0

    @property
    def result(self) -> str:
        if self.broken:
            return f"BROKEN ({len(self.broken)})"
        return "kept" if self.made == self.chosen else f"{self.chosen - self.made} not made"


class Promises:
    """A pytest plugin: instead of a stack trace a failure says which promise is broken; a table ends the session.

    The traces are there when they are asked for: ``pytest --tb=long`` (or short, line, native).
    """

    def __init__(self, skipped: frozenset[Stage]) -> None:
        self._skipped = skipped
        self._promises: dict[str, _Kept] = {}
        self._left_out: Counter[str] = Counter()
        self._said: dict[str, str] = {}
        self.notes: list[str] = []
        self.printed: list[str] = []

    def leave_out(self, reason: str) -> None:
        """Remember that a check is not made, and why."""
        self._left_out[reason] += 1

    def choose(self, item: pytest.Item) -> None:
        """Remember that a check is to be made."""
        self._promises.setdefault(promise_of(item), _Kept()).chosen += 1

    def spend(self, item: pytest.Item, seconds: float) -> None:
        """Count the seconds of a check, whatever it waited for included."""
        self._promises[promise_of(item)].seconds += seconds

    def record(self, item: pytest.Item, call: pytest.CallInfo[None], report: pytest.TestReport) -> None:
        """Count a check's outcome, and say in words what failed."""
        kept = self._promises[promise_of(item)]
        if report.when == "call":
            kept.made += 1
        self.printed += [text for _, text in report.sections]
        if not report.failed or call.excinfo is None:
            return
        self.printed.append(str(call.excinfo.getrepr()))
        kept.broken.append(f"{check_of(item)} ({item.nodeid})")
        if item.config.getoption("tbstyle") == "auto":
            report.longrepr = self._words(item, call.excinfo, str(report.when))

    def told(self) -> dict[str, object]:
        """All that the table needs, for the process that writes it, in types that can be sent there."""
        return {
            "promises": {name: asdict(kept) for name, kept in self._promises.items()},
            "left out": dict(self._left_out),
            "notes": self.notes,
        }

    def add(self, told: Mapping[str, Any]) -> None:
        """Add what another process made; each of them chose, and left out, the same checks."""
        for name, kept in told["promises"].items():
            mine = self._promises.setdefault(name, _Kept())
            mine.chosen = kept["chosen"]
            mine.broken += kept["broken"]
            mine.made += kept["made"]
            mine.seconds += kept["seconds"]
        self._left_out = Counter(told["left out"])
        self.notes += told["notes"]

    def _words(self, item: pytest.Item, failure: pytest.ExceptionInfo[BaseException], when: str) -> str:
        reason = str(failure.value).strip()
        if not isinstance(failure.value, AssertionError):
            reason = f"{failure.typename}: {reason}"
        # What a shared deployment said is told once, not by each of its tests.
        first = self._said.setdefault(reason, item.nodeid)
        if when != "call":
            reason = f"it could not be checked: {reason if first == item.nodeid else f'for the same reason as {first}'}"
        return (
            f"Broken promise: {promise_of(item)}\n"
            f"Check: {check_of(item)}\n"
            f"Where: {item.nodeid}; raised in {Path(failure.traceback[-1].path).name}, "
            f"line {failure.traceback[-1].lineno + 1}\n"
            f"{reason}"
        )

    def write(self, terminal: pytest.TerminalReporter) -> None:
        """Write the table, and below it whatever was left out."""
        if not self._promises and not self._left_out:
            return
        terminal.section("promises")
        rows = [("promise", "checks", "result", "time")]
        rows += [
            (name, str(kept.chosen), kept.result, f"{kept.seconds:.0f} s")
            for name, kept in sorted(self._promises.items(), key=lambda entry: PROMISES.index(entry[0]))
        ]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        for row in rows:
            terminal.write_line("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
        for name, kept in self._promises.items():
            for check in kept.broken:
                terminal.write_line(f"BROKEN {name}: {check}", red=True)
        for stage in sorted(self._skipped, key=list(Stage).index):
            terminal.write_line(f"stage {stage}: skipped by {stage.variable}", yellow=True)
        for reason, count in self._left_out.items():
            terminal.write_line(f"{count} check{'' if count == 1 else 's'} not made: {reason}", yellow=True)
        for note in self.notes:
            terminal.write_line(note)
