"""Secrets, and the forms in which programs write them."""

import base64
import html
import json
from collections.abc import Callable
from urllib.parse import quote, quote_plus

from hypothesis import strategies as st


def secrets() -> st.SearchStrategy[str]:
    """Texts of at least 8 characters with unguessable halves, so that they never occur in other texts by chance."""
    parts = st.sampled_from(["/", "+", '"', "'", "\\", "${x}", "%{x}", "%", "&", "<", " ", "ä", "🌈", "=", "\t", "$"])
    words = st.text("bcdfghjkmnpqrstvwxz23456789BCDFGHJKLMNPQRSTVWXZ", min_size=6, max_size=20)
    return st.tuples(words, st.lists(parts, max_size=4).map("".join), words).map(
        lambda row: f"Q7{row[0]}{row[1]}{row[2]}Z9"
    )


def _json(text: str) -> str:
    return json.dumps(text)[1:-1]


def _aligned(text: str, before: int) -> str:
    """Its base64 form after this many other characters, without the parts that depend on them."""
    content = text.encode()
    digits = base64.b64encode(bytes(before) + content).decode()
    return digits[-(-before * 8 // 6) : (before + len(content)) * 8 // 6]


FORMS: dict[str, Callable[[str], str]] = {
    "as it is": lambda text: text,
    "JSON": _json,
    "JSON in JSON": lambda text: _json(_json(text)),
    "JSON with characters as they are": lambda text: json.dumps(text, ensure_ascii=False)[1:-1],
    "JSON with escaped slashes": lambda text: _json(text).replace("/", "\\/"),
    "numbers of characters": lambda text: "".join(
        f"\\u{text.encode('utf-16-be')[index : index + 2].hex()}"
        for index in range(0, len(text.encode("utf-16-be")), 2)
    ),
    "Python": lambda text: repr(text)[1:-1],
    "single quotes": lambda text: text.replace("\\", "\\\\").replace("'", "\\'"),
    "a shell": lambda text: text.replace("'", "'\\''"),
    "YAML": lambda text: text.replace("'", "''"),
    "a template": lambda text: text.replace("${", "$${").replace("%{", "%%{"),
    "a template in JSON": lambda text: _json(text.replace("${", "$${").replace("%{", "%%{")),
    "HTML": html.escape,
    "a URL": lambda text: quote(text, safe=""),
    "a URL in small letters": lambda text: "".join(
        quote(character, safe="").lower() if quote(character, safe="") != character else character for character in text
    ),
    "a path": quote,
    "a form": quote_plus,
    "percent": lambda text: "".join(f"%{byte:02X}" for byte in text.encode()),
    "percent in small letters": lambda text: "".join(f"%{byte:02x}" for byte in text.encode()),
    "a URL in JSON": lambda text: _json(quote(text)),
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "base64 for URLs": lambda text: base64.urlsafe_b64encode(text.encode()).decode(),
    "base64 in a URL": lambda text: quote(base64.b64encode(text.encode()).decode(), safe=""),
    "base64 of a longer value": lambda text: _aligned(text, 0),
    "base64 after one character": lambda text: _aligned(text, 1),
    "base64 after two characters": lambda text: _aligned(text, 2),
    "hex": lambda text: text.encode().hex(),
    "hex in capital letters": lambda text: text.encode().hex().upper(),
}
