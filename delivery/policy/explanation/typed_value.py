"""Compares one planned value with the one that follows from the stack, according to the provider's type."""

import json
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation

from delivery.policy.explanation.deviation import Deviation, Path, Sides, is_nothing, pairs
from delivery.policy.explanation.evaluation import OneOf, Unexplained, text_of
from delivery.policy.explanation.known_values import UnexplainedError
from delivery.redaction.marks import UNKNOWN, Sensitive
from environments.schema.formats import parse_quantity

# The placeholder for a sensitive value in a plan that may be published.
_PLACEHOLDER = re.compile(r"\(sensitive value[^()]*\)")


def value_deviations(type_: object, expected: object, sides: Sides, path: Path) -> Iterator[Deviation]:
    """Every deviation of a value. type_: in Terraform's notation. expected: from evaluation.py."""
    after = sides.after
    if isinstance(expected, Sensitive) or isinstance(after, Sensitive):
        yield from _hidden(type_, expected, sides, path)
    elif isinstance(expected, Unexplained):
        yield Deviation(path=path, found=after, expected=expected)
    elif after is UNKNOWN or expected is UNKNOWN:
        # A map is unknown as a whole if one of its values is.
        of_a_map = expected.values() if isinstance(expected, Mapping) else (expected,)
        if not any(row is UNKNOWN or (isinstance(row, OneOf) and UNKNOWN in row.values) for row in of_a_map):
            yield Deviation(path=path, found=after, expected=expected)
    else:
        yield from _plain(type_, expected, sides, path)


def _hidden(type_: object, expected: object, sides: Sides, path: Path) -> Iterator[Deviation]:
    """A value that the stack makes sensitive must be marked as such, and no other value may be."""
    after = sides.after
    if not isinstance(expected, Sensitive):
        # A text in the stack that repeats a secret is secret too.
        yield Deviation(path=path, found=after, expected=Sensitive(expected))
    elif not isinstance(after, Sensitive):
        # For an unknown value, the unknown mark takes precedence.
        if not (after is UNKNOWN or (is_nothing(after) and is_nothing(expected.value))):
            yield Deviation(path=path, found=Sensitive(after), expected=expected)
    elif not (isinstance(after.value, str) and _PLACEHOLDER.fullmatch(after.value)):
        below = Sides(after=after.value, before=_shown(sides.before))
        for found in value_deviations(type_, expected.value, below, path):
            yield Deviation(path=found.path, found=Sensitive(found.found), expected=Sensitive(found.expected))


def _plain(type_: object, expected: object, sides: Sides, path: Path) -> Iterator[Deviation]:
    after = sides.after
    kind, inner = type_ if isinstance(type_, list) else (type_, "dynamic")
    if isinstance(expected, Mapping):
        if not isinstance(after, Mapping) or kind not in ("map", "object", "dynamic"):
            yield Deviation(path=path, found=after, expected=expected)
            return
        for key in sorted({*expected, *after}):
            of_key = inner.get(key, "dynamic") if kind == "object" and isinstance(inner, Mapping) else inner
            yield from _item(of_key, expected.get(key), sides.below(key), (*path, key))
    elif isinstance(expected, list):
        if kind not in ("list", "set", "tuple", "dynamic"):
            yield Deviation(path=path, found=after, expected=expected)
            return

        def of(row: object, index: int) -> list[Deviation]:
            of_index = inner[index] if kind == "tuple" and isinstance(inner, list) else inner
            return list(_item(of_index, row, sides.below(index), (*path, index)))

        yield from pairs(expected, after, path, of, is_set=kind == "set")
    elif isinstance(expected, OneOf):
        if not any(_equal(kind, choice, sides) for choice in expected.values):
            yield Deviation(path=path, found=after, expected=expected)
    elif not _equal(kind, expected, sides):
        yield Deviation(path=path, found=after, expected=expected)


def _item(type_: object, expected: object, sides: Sides, path: Path) -> Iterator[Deviation]:
    if expected is None:
        if sides.after is not None:
            yield Deviation(path=path, found=sides.after)
    else:
        yield from value_deviations(type_, expected, sides, path)


def _equal(kind: object, expected: object, sides: Sides) -> bool:
    after = sides.after
    if kind == "number":
        return isinstance(after, int | float) and not isinstance(after, bool) and _number(expected) == _number(after)
    if kind == "bool":
        return isinstance(after, bool) and text_of(expected) == text_of(after)
    if kind == "string":
        return isinstance(after, str) and _same_text(_text(expected), sides)
    return type(expected) is type(after) and expected == after


def _text(value: object) -> str | None:
    try:
        return text_of(value)
    except UnexplainedError:
        return None


def _number(value: object) -> Decimal | None:
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return None


def _same_text(expected: str | None, sides: Sides) -> bool:
    """Whether text or JSON is equal; an unchanged value may also be the same quantity or policy in another form."""
    if expected is None or expected == sides.after:
        return expected is not None
    if sides.stays and _quantity(expected) is not None and _quantity(expected) == _quantity(str(sides.after)):
        return True
    wanted, found = _json(expected), _json(sides.after)
    if wanted is None or found is None:
        return False
    return wanted == found or (sides.stays and _policy(wanted) == _policy(found))


def _quantity(text: str) -> Decimal | None:
    try:
        return parse_quantity(text)
    except ValueError:
        return None


def _json(text: object) -> object:
    """The object or list in a JSON text; None for any other text."""
    if not isinstance(text, str) or text.lstrip()[:1] not in ("{", "["):
        return None
    try:
        return json.loads(text)
    except ValueError:
        return None


def _policy(tree: object) -> object:
    """A policy document in canonical form: a list of one equals its item, and the order of a list does not matter."""
    if isinstance(tree, Mapping):
        return {key: _policy(item) for key, item in tree.items()}
    if isinstance(tree, list):
        rows = sorted((_policy(item) for item in tree), key=lambda row: json.dumps(row, sort_keys=True))
        return rows[0] if len(rows) == 1 else rows
    return tree


def _shown(value: object) -> object:
    return value.value if isinstance(value, Sensitive) else value
