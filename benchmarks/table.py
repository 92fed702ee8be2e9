"""A table that is printed row by row."""

from collections.abc import Sequence

from benchmarks.measurement import Measurement
from benchmarks.row import Row

_HEADER = ("wall s", "CPU s", "memory MiB")


class Table:
    """Formats rows under one header. The widths are known before anything is measured."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self._name_width = max(len(row.name) for row in rows)
        self._wanted_width = max(len("wanted"), *(len(row.wanted) for row in rows))

    def header(self) -> str:
        """The names of the columns, and a line below them."""
        names = self._line("", _HEADER, "wanted", "compared with the first")
        return f"{names}\n{'-' * len(names)}"

    def row(self, row: Row, result: Measurement, first: Measurement) -> str:
        """A row's figures; the first row itself is compared with nothing."""
        figures = (_seconds(result.wall), _seconds(result.cpu), "" if result.memory is None else f"{result.memory:.0f}")
        return self._line(row.name, figures, row.wanted, "" if result is first else result.compared_with(first))

    def _line(self, name: str, figures: Sequence[str], wanted: str, compared: str) -> str:
        numbers = (figure.rjust(len(title)) for figure, title in zip(figures, _HEADER, strict=True))
        cells = (name.ljust(self._name_width), *numbers, wanted.ljust(self._wanted_width), compared)
        return "  ".join(cells).rstrip()


def _seconds(value: float) -> str:
    decimals = 3 if value < 1 else 2 if value < 10 else 1
    return f"{value:.{decimals}f}"
