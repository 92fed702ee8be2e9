"""Reduces two long texts to their differences."""

import re
from collections.abc import Iterator
from difflib import SequenceMatcher

# Shorter texts are shown in full.
_LONG = 400
_CONTEXT = 40
# A line of a text in JSON, or a word.
_PIECE = re.compile(r"(?:(?!\\n)[^\s,;]){1,200}|\\n|\s+|.", re.S)


def differing_parts(before: str, after: str) -> tuple[str, str]:
    """Return both texts without their common parts, except for some characters around each difference.

    ``…`` marks an omission, and the full length follows. Differences are never omitted. Short texts are returned
    unchanged.
    """
    if max(len(before), len(after)) <= _LONG:
        return before, after
    segments = list(_segments(before, after))
    left, right = ("".join(_shown(segments, side)) for side in (0, 1))
    return f"{left} ({len(before)} characters)", f"{right} ({len(after)} characters)"


def _segments(before: str, after: str) -> Iterator[tuple[str, str]]:
    """The parts of both texts in order, equal or not."""
    begin = _common(before, after)
    end = _common(before[begin:][::-1], after[begin:][::-1])
    yield before[:begin], after[:begin]
    left, right = (_PIECE.findall(text[begin : len(text) - end]) for text in (before, after))
    for _, *places in SequenceMatcher(a=left, b=right).get_opcodes():
        yield "".join(left[places[0] : places[1]]), "".join(right[places[2] : places[3]])
    yield before[len(before) - end :], after[len(after) - end :]


def _common(before: str, after: str) -> int:
    """The length of the common prefix."""
    shorter = min(len(before), len(after))
    return next((index for index in range(shorter) if before[index] != after[index]), shorter)


def _shown(segments: list[tuple[str, str]], side: int) -> Iterator[str]:
    for index, pair in enumerate(segments):
        text = pair[side]
        head = _CONTEXT if index > 0 else 0
        tail = _CONTEXT if index < len(segments) - 1 else 0
        is_same = pair[0] == pair[1]
        yield text if not is_same or len(text) <= head + tail else f"{text[:head]}…{text[len(text) - tail :]}"
