"""The promises that the live tests prove, and the report of which ones were kept."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.stages import Stage


@dataclass(frozen=True, kw_only=True)
class Promise:
    """A guarantee to an environment's users and owners, and what enforces it, for the README's table."""

    guaranteed: str
    enforced_by: str


PROMISES: Mapping[str, Promise] = {
    "Adoption": Promise(
        guaranteed="Production, built by hand, is imported: nothing is destroyed, replaced or overwritten",
        enforced_by="import blocks, `prevent_destroy`, IAM denials for protected environments",
    ),
    "Deploy": Promise(
        guaranteed="One command creates a complete, verified environment; a second one changes nothing",
        enforced_by="Terraform, and checks against the running servers after each deploy",
    ),
    "Delivery": Promise(
        guaranteed="Terraform and Argo CD hand the applications to each other, and an environment pauses, without loss",
        enforced_by="`removed` blocks, and an ownership check before each deploy",
    ),
    "Isolation": Promise(
        guaranteed="No pod, role, login or workflow of one environment reaches what another one owns",
        enforced_by="IAM, PostgreSQL and the API server ([in detail](docs/architecture.md#isolation))",
    ),
    "Secrets": Promise(
        guaranteed="No generated secret is in code, plans, state or logs, and any character arrives intact",
        enforced_by="Secrets Manager generates; ephemeral and write-only arguments carry",
    ),
    "Drift": Promise(
        guaranteed="Plan or verify names a change made by hand, and one deploy undoes it ([exceptions](docs/drift.md))",
        enforced_by="Terraform's plan, `make verify`, and repairs before each deploy",
    ),
    "Rotation": Promise(
        guaranteed="One number raised by one replaces one secret, and nothing else",
        enforced_by="secret versions labelled with the settings' number",
    ),
    "Previews": Promise(
        guaranteed="Each pull request has a preview of its own, isolated from all others, and nothing of it stays",
        enforced_by="conditional writes of one record of claims, and the same servers as between other environments",
    ),
    "Faults": Promise(
        guaranteed="Whatever stops a deploy, one recovery and one deploy repair the environment",
        enforced_by="the lock in S3, and names that are computed and never random",
    ),
    "Bad input": Promise(
        guaranteed="A wrong setting or command changes nothing, and the error says what is allowed",
        enforced_by="typed settings and rules, checked before anything starts",
    ),
    "Destroy": Promise(
        guaranteed="A destroyed environment leaves nothing behind; a protected one refuses to be destroyed",
        enforced_by="cleanup before Terraform's destroy, `prevent_destroy`, IAM",
    ),
}


def promise_of(item: pytest.Item) -> str:
    """Return the promise that a test proves. Raises pytest.UsageError if it has none, or an unknown one."""
    marker = item.get_closest_marker("promise")
    if marker is None or marker.args not in {(name,) for name in PROMISES}:
        given = "nothing" if marker is None else repr(marker.args)
        raise pytest.UsageError(
            f"{item.nodeid}: pytest.mark.promise has {given}; allowed in tests/live, one of: {', '.join(PROMISES)}"
        )
    return str(marker.args[0])


def check_of(item: pytest.Item) -> str:
    """Describe what a test checks: its docstring's first line, or its name; with its parameters."""
    function = getattr(item, "obj", None)
    words = (getattr(function, "__doc__", None) or "").strip().partition("\n")[0]
    name, _, parameters = item.name.partition("[")
    words = words or name.removeprefix("test_").replace("_", " ")
    return f"{words} [{parameters}" if parameters else words


@dataclass
class _Kept:
    """The result of a promise: checks made and broken, seconds spent."""

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
    """A pytest plugin: a failure names the broken promise instead of a stack trace; a table ends the session.

    ``pytest --tb=long`` (or short, line, native) shows the stack traces.
    """

    def __init__(self, skipped: frozenset[Stage]) -> None:
        self._skipped = skipped
        self._promises: dict[str, _Kept] = {}
        self._left_out: Counter[str] = Counter()
        self._said: dict[str, str] = {}
        self.notes: list[str] = []
        self.printed: list[str] = []

    def leave_out(self, reason: str) -> None:
        """Record that a check is left out, and why."""
        self._left_out[reason] += 1

    def choose(self, item: pytest.Item) -> None:
        """Record that a check will be made."""
        self._promises.setdefault(promise_of(item), _Kept()).chosen += 1

    def spend(self, item: pytest.Item, seconds: float) -> None:
        """Add the seconds of a check, including everything it waited for."""
        self._promises[promise_of(item)].seconds += seconds

    def record(self, item: pytest.Item, call: pytest.CallInfo[None], report: pytest.TestReport) -> None:
        """Record a check's outcome, and say in words what failed."""
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
        """Return everything that the table needs, in types that can be sent to another process."""
        return {
            "promises": {name: asdict(kept) for name, kept in self._promises.items()},
            "left out": dict(self._left_out),
            "notes": self.notes,
        }

    def add(self, told: Mapping[str, Any]) -> None:
        """Add another process's results; every process chose, and left out, the same checks."""
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
        # The output of a shared deployment is printed once, not for each of its tests.
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
        """Write the table, and below it everything that was left out."""
        if not self._promises and not self._left_out:
            return
        terminal.section("promises")
        rows = [("promise", "checks", "result", "time")]
        rows += [
            (name, str(kept.chosen), kept.result, f"{kept.seconds:.0f} s")
            for name, kept in sorted(self._promises.items(), key=lambda entry: list(PROMISES).index(entry[0]))
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
