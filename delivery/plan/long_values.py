"""Shows of two long texts what differs between them."""

import re
from collections.abc import Iterator
from difflib import SequenceMatcher

# Shorter texts are read as they are.
_LONG = 400
_CONTEXT = 40
# A line of a text in JSON, or a word.
_PIECE = re.compile(r"(?:(?!\\n)[^\s,;]){1,200}|\\n|\s+|.", re.S)


def differing_parts(before: str, after: str) -> tuple[str, str]:
    """Return both texts without what is the same in them, but for some characters around each difference.

    ``…`` stands for what is left out, and the whole length follows. What differs is never left out. Short texts are
    returned as they are.
    """
    if max(len(before), len(after)) <= _LONG:
        return before, after
    segments = list(_segments(before, after))
    left, right = ("".join(_shown(segments, side)) for side in (0, 1))
    return f"{left} ({len(before)} characters)", f"{right} ({len(after)} characters)"


def _segments(before: str, after: str) -> Iterator[tuple[str, str]]:
    """The parts of both in order, the same or not."""
    begin = _common(before, after)
    end = _common(before[begin:][::-1], after[begin:][::-1])
    yield before[:begin], after[:begin]
    left, right = (_PIECE.findall(text[begin : len(text) - end]) for text in (before, after))
    for _, *places in SequenceMatcher(a=left, b=right).get_opcodes():
        yield "".join(left[places[0] : places[1]]), "".join(right[places[2] : places[3]])
    yield before[len(before) - end :], after[len(after) - end :]


def _common(before: str, after: str) -> int:
    """How many characters both begin with."""
    shorter = min(len(before), len(after))
    return next((index for index in range(shorter) if before[index] != after[index]), shorter)


def _shown(segments: list[tuple[str, str]], side: int) -> Iterator[str]:
    for index, pair in enumerate(segments):
        text = pair[side]
        head = _CONTEXT if index > 0 else 0
        tail = _CONTEXT if index < len(segments) - 1 else 0
        is_same = pair[0] == pair[1]
        yield text if not is_same or len(text) <= head + tail else f"{text[:head]}…{text[len(text) - tail :]}"
