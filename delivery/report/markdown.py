"""Puts text of any origin into GitHub's Markdown as plain text: it cannot become markup, a link or a mention."""

import json
import re
import unicodedata

# The longest comment that GitHub accepts. Its message says characters. Measured, it means code points for a pull
# request's own text and 262,144 bytes of UTF-8 for a comment; this many code points never exceed those bytes.
# https://github.com/dead-claudia/github-limits/pull/13
LIMIT = 65_536

# Control, format, private, unassigned; line and paragraph separators.
_INVISIBLE = ("C", "Zl", "Zp")
_PLAIN = re.compile(r"[A-Za-z0-9_./:@%+,-]+")


def printable(text: str) -> str:
    """The text on one line, with invisible and direction-changing characters escaped."""
    return "".join(
        json.dumps(character)[1:-1] if unicodedata.category(character).startswith(_INVISIBLE) else character
        for character in text
    )


def code(text: str, *, longest: int = 400) -> str:
    """A code span for a paragraph or a list, not for a table; cut after ``longest`` characters."""
    text = shortened(printable(text), longest)
    fence = "`" * (_longest_run(text) + 1)
    padding = " " if text.startswith("`") or text.endswith("`") or not text.strip() else ""
    return f"{fence}{padding}{text}{padding}{fence}"


def block(text: str, language: str = "") -> str:
    """A fenced code block of these lines; nothing in them can end it."""
    fence = "`" * max(3, _longest_run(text) + 1)
    return f"{fence}{language}\n{text}\n{fence}"


def value(text: object) -> str:
    """A value as in a diff: quoted unless it is a plain word, so that it contains no line break."""
    if isinstance(text, str) and _PLAIN.fullmatch(text):
        return text
    if text is None or isinstance(text, bool | int | float | str | list | dict):
        return json.dumps(text, ensure_ascii=False, default=str)
    return str(text)


def counted(number: int, what: str) -> str:
    """The number and its noun, in the plural unless it is one."""
    return f"{number} {what}{'' if number == 1 else 's'}"


def shortened(text: str, longest: int) -> str:
    """The text, or its beginning and its full length."""
    return text if len(text) <= longest else f"{text[:longest]}… ({len(text)} characters)"


def _longest_run(text: str) -> int:
    return max(map(len, re.findall(r"`+", text)), default=0)
