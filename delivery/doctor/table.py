"""Rows as a table with aligned columns; the remedy follows on a line of its own, ready to copy."""

import shutil
import sys
from collections.abc import Iterator, Sequence

from delivery.doctor.finding import Row
from delivery.report.markdown import printable
from delivery.report.table import columns

_HEADINGS = ("", "fact", "settings", "found")


def table(rows: Sequence[Row], *, width: int | None = None) -> Iterator[str]:
    """The lines of a table. width: in characters; by default the terminal's, and unlimited without a terminal."""
    if width is None and sys.stdout.isatty():
        width = shutil.get_terminal_size().columns
    cells = [
        tuple(map(printable, (row.finding.mark, row.fact.name, row.fact.settings, row.finding.found))) for row in rows
    ]
    for index, lines in enumerate(columns([_HEADINGS, *cells], width=width)):
        yield from lines
        remedy = rows[index - 1].finding.remedy if index else ""
        if remedy:
            yield f"    -> {printable(remedy)}"
