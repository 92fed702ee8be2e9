"""Formats text in columns."""

import textwrap
from collections.abc import Iterator, Sequence
from itertools import zip_longest

_GAP = "  "
# The minimum width of a column that must shrink.
_NARROWEST = 12


def columns(rows: Sequence[Sequence[str]], *, width: int | None) -> Iterator[list[str]]:
    """The lines of each row, with cells aligned across rows.

    width: in characters, at least about fifty; cells wrap to stay within it, at words if possible. None: as wide as the
    texts, one line for each row.
    """
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    if width is not None:
        widths = _fitted(widths, width - len(_GAP) * (len(widths) - 1))
    for row in rows:
        wrapped = [
            textwrap.wrap(cell, size, break_on_hyphens=False) or [""]
            for cell, size in zip(row, [max(size, 1) for size in widths], strict=True)
        ]
        yield [
            _GAP.join(f"{cell:<{size}}" for cell, size in zip(line, widths, strict=True)).rstrip()
            for line in zip_longest(*wrapped, fillvalue="")
        ]


def _fitted(widths: Sequence[int], room: int) -> list[int]:
    """Widths that fit into ``room`` characters: the widest columns shrink first."""
    fitted = list(widths)
    while sum(fitted) > room and max(fitted) > _NARROWEST:
        fitted[fitted.index(max(fitted))] -= 1
    return fitted
