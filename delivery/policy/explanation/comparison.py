"""Compares a resource's planned values with those that follow from the stack."""

from collections.abc import Iterator, Mapping

from delivery.plan.differences import differences
from delivery.policy.explanation.deviation import Deviation, Path, Sides, is_nothing, pairs
from delivery.policy.explanation.provider_schema import Attribute, Block, Nested
from delivery.policy.explanation.typed_value import value_deviations
from delivery.redaction.marks import UNKNOWN, Sensitive


def deviations(schema: Block, expected: Mapping[str, object], sides: Sides, path: Path = ()) -> Iterator[Deviation]:
    """Every deviation of a resource, or of one of its blocks. expected: from expected.py."""
    if not isinstance(sides.after, Mapping):
        yield Deviation(path=path, found=sides.after, expected=expected)
        return
    for name in sorted({*sides.after, *expected, *schema.attributes, *schema.blocks}):
        wanted, below, here = expected.get(name), sides.below(name), (*path, name)
        if nested := schema.blocks.get(name):
            yield from _blocks(nested, wanted, below, here)
        else:
            attribute = schema.attributes.get(name, Attribute(type="dynamic"))
            yield from attribute_deviations(attribute, wanted, below, here)


def attribute_deviations(attribute: Attribute, expected: object, sides: Sides, path: Path) -> Iterator[Deviation]:
    """Every deviation of an attribute. expected: None if the stack does not configure it."""
    if attribute.write_only:
        if sides.after is not None:
            yield Deviation(path=path, found=sides.after)
    elif expected is None:
        yield from _unconfigured(attribute, sides, path)
    elif expected in ([], {}, "{}"):
        # Configured as empty: the provider may write no value, or for a new object a value known after the apply.
        is_to_come = attribute.computed and sides.after is UNKNOWN and is_nothing(sides.before)
        if not (is_nothing(sides.after) or sides.after == expected or is_to_come):
            yield Deviation(path=path, found=sides.after, expected=expected)
    else:
        wanted = Sensitive(expected) if attribute.sensitive and not isinstance(expected, Sensitive) else expected
        yield from value_deviations(attribute.type, wanted, sides, path)


def _blocks(nested: Nested, expected: object, sides: Sides, path: Path) -> Iterator[Deviation]:
    after = sides.after
    if nested.nesting not in ("list", "set"):
        if expected is None and after is None:
            return
        if expected is None or after is None or not isinstance(expected, Mapping):
            yield Deviation(path=path, found=after, expected=expected)
        elif nested.nesting == "map":
            for key in sorted({*expected, *(after if isinstance(after, Mapping) else ())}):
                one = Nested(nesting="single", block=nested.block)
                yield from _blocks(one, expected.get(key), sides.below(key), (*path, key))
        else:
            yield from deviations(nested.block, expected, sides, path)
        return
    if expected is None or expected == []:
        yield from _unconfigured_blocks(nested, sides, path)
        return
    if not isinstance(expected, list) or not isinstance(after, list):
        if not (after is UNKNOWN and expected is UNKNOWN):
            yield Deviation(path=path, found=after, expected=expected)
        return

    def of(row: object, index: int) -> list[Deviation]:
        wanted = row if isinstance(row, Mapping) else {}
        return list(deviations(nested.block, wanted, sides.below(index), (*path, index)))

    yield from pairs(expected, after, path, of, is_set=nested.nesting == "set")


def _unconfigured(attribute: Attribute, sides: Sides, path: Path) -> Iterator[Deviation]:
    """The deviations of an attribute that the stack leaves for the provider to fill in."""
    after = sides.after
    if attribute.computed and (sides.stays or _is_open(after)):
        return
    if attribute.computed and is_nothing(after) and not is_nothing(sides.before):
        # A provider does not give up a value of its own.
        yield Deviation(path=path, found=None, expected=sides.before)
        return
    if isinstance(after, Sensitive):
        if not attribute.sensitive:
            yield Deviation(path=path, found=after)
            return
        after = after.value
    elif attribute.sensitive and not is_nothing(after):
        yield Deviation(path=path, found=Sensitive(after))
        return
    found = None if is_nothing(after) else after
    yield Deviation(path=path, found=found, is_default=not _is_open(after))


def _unconfigured_blocks(nested: Nested, sides: Sides, path: Path) -> Iterator[Deviation]:
    after = sides.after
    if (nested.computed and (sides.stays or after is UNKNOWN)) or _is_written_otherwise(sides):
        return
    if nested.computed and not after and sides.before:
        yield Deviation(path=path, found=None, expected=sides.before)
        return
    if not isinstance(after, list) or not after:
        yield Deviation(path=path, found=after or None, is_default=not after or after is UNKNOWN)
        return
    yield Deviation(path=path, found=len(after), is_default=True)
    for index in range(len(after)):
        yield from deviations(nested.block, {}, sides.below(index), (*path, index))


def _is_written_otherwise(sides: Sides) -> bool:
    """Whether there are as many blocks as today with the same content: providers read null where plans have {}."""
    before, after = sides.before, sides.after
    if not isinstance(before, list) or not isinstance(after, list) or not after or len(before) != len(after):
        return False
    return not differences(before, after)


def _is_open(value: object) -> bool:
    """Whether it is known only after the apply: all of it, or every part that is not empty."""
    items = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else None
    if items is None:
        return value is UNKNOWN
    return any(map(_is_open, items)) and all(_is_open(item) or is_nothing(item) for item in items)
