"""Measures the rows of one part."""

from collections.abc import Sequence

from benchmarks.measurement import Measurement, measure, medians
from benchmarks.row import Row
from benchmarks.screen import Screen
from benchmarks.table import Table


class Bench:
    """Measures a part's rows, shows each as soon as it is known, and says in the meantime what is left.

    name, title: of the part. later: the names of the parts that follow. rounds: runs of each row, at least 1.
    """

    def __init__(self, name: str, *, title: str, later: Sequence[str], rounds: int, screen: Screen) -> None:
        self._name = name
        self._title = title
        self._later = later
        self._rounds = rounds
        self._screen = screen

    def prepare(self, row: Row) -> None:
        """Run once what the measurement needs, or what would slow down only its first run; show no figures."""
        self._run(row, f"preparing: {row.name}", ["the table"])

    def in_turn(self, rows: Sequence[Row]) -> list[Measurement]:
        """Run all rows, then all again, so that a busy moment affects each; return their medians in the same order."""
        return self._measure(rows, self._rounds)

    def once(self, rows: Sequence[Row]) -> list[Measurement]:
        """Run each row once: for rows that need what the previous one left behind."""
        return self._measure(rows, 1)

    def note(self, line: str) -> None:
        """Print a line below the table."""
        self._screen.show(line)

    def _measure(self, rows: Sequence[Row], rounds: int) -> list[Measurement]:
        table = Table(rows)
        runs = "one run" if rounds == 1 else f"medians of {rounds} rounds, all rows in turn"
        self._screen.show(f"\n{self._title} ({runs})\n{table.header()}")
        measured: list[list[Measurement]] = [[] for _ in rows]
        results: list[Measurement] = []
        for later_rounds in reversed(range(rounds)):
            for number, row in enumerate(rows):
                left = [*_counted(len(rows) - number - 1, "row"), *_counted(later_rounds, "round")]
                measured[number].append(self._run(row, row.name, left))
                if later_rounds == 0:
                    results.append(medians(measured[number]))
                    self._screen.show(table.row(row, results[-1], results[0]))
        return results

    def _run(self, row: Row, doing: str, left: Sequence[str]) -> Measurement:
        everything_left = ", ".join([*left, *self._later]) or "nothing"
        with self._screen.measuring(f"{self._name}: {doing}; left: {everything_left}"):
            return measure(row)


def _counted(count: int, noun: str) -> list[str]:
    return [f"{count} {noun}{'s' if count > 1 else ''}"] if count else []
