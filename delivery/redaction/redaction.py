"""Keeps secret values out of everything that is printed."""

import json
from urllib.parse import quote

_PLACEHOLDER = "[secret]"
# A shorter value cannot be told from an ordinary word of a message, and no secret of ours is that short.
_SHORTEST = 8


class Redaction:
    """The secret values that were read, and texts without them."""

    def __init__(self) -> None:
        self._values: set[str] = set()

    def add(self, value: str) -> None:
        """Remember a value as secret, as it is and as it is written in a URL or in JSON."""
        self._values |= {form for form in (value, quote(value, safe=""), json.dumps(value)[1:-1]) if _long(form)}

    def clean(self, text: str) -> str:
        """Return the text on one line, each secret value in it replaced."""
        # The longest first: a URL holds the password that is a value of its own.
        for value in sorted(self._values, key=len, reverse=True):
            text = text.replace(value, _PLACEHOLDER)
        return " ".join(text.split())


def _long(value: str) -> bool:
    return len(value) >= _SHORTEST
