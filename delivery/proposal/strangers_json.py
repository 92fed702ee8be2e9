"""Reads JSON that a stranger wrote, and refuses what two parsers could read differently."""

import json
import math

# Both Terraform's configuration and ours nest less than 20 levels.
DEEPEST = 64


def parse(text: str) -> object:
    """Parse the text.

    Raises ValueError for invalid JSON, a duplicate key in an object, a NaN or infinite number, half a surrogate pair,
    and more than DEEPEST levels.
    """
    try:
        content: object = json.loads(text, object_pairs_hook=_object, parse_constant=_no_number, parse_float=_number)
        json.dumps(content, ensure_ascii=False).encode()
    except RecursionError:
        raise ValueError(f"nested too deeply; allowed: {DEEPEST} levels") from None
    except UnicodeEncodeError as error:
        raise ValueError(f"half a surrogate pair ({error.reason}); allowed: whole characters") from None
    level = [content]
    for _ in range(DEEPEST):
        level = [inner for value in level for inner in _inner(value)]
    if level:
        raise ValueError(f"nested too deeply; allowed: {DEEPEST} levels")
    return content


def _inner(value: object) -> list[object]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    content: dict[str, object] = {}
    for key, value in pairs:
        if key in content:
            raise ValueError(f"the key {key[:80]!r} occurs twice in one object; allowed: once")
        content[key] = value
    return content


def _no_number(text: str) -> object:
    raise ValueError(f"{text} is not a JSON number; allowed: decimal digits")


def _number(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError(f"the number {text[:80]} is too large; allowed: what fits a double")
    return number
