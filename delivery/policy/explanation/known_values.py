"""The values that a plan and its stack know for the references in expressions."""

import re
from collections.abc import Mapping

from delivery.plan.document import Plan
from delivery.redaction.marks import UNKNOWN, Sensitive

Step = str | int
_STEP = re.compile(r'\.([A-Za-z_][\w-]*)|\[(\d+)\]|\["((?:[^"\\$]|\\.)*)"\]')
_TRAVERSAL = re.compile(rf"([A-Za-z_][\w-]*)((?:{_STEP.pattern})*)")


class UnexplainedError(ValueError):
    """Plan and stack do not know an expression's value; the message is the unknown part."""


class KnownValues:
    """The values of one plan by address, and the named values of the blocks around an expression.

    scope: the values of ``each``, ``count`` and the iterators of dynamic blocks.
    """

    def __init__(self, objects: Mapping[str, object], scope: Mapping[str, object] | None = None) -> None:
        self._objects = objects
        self._scope = scope or {}

    @classmethod
    def of(cls, plan: Plan) -> "KnownValues":
        """The values of a plan's resources after the apply, and of the data sources that it read."""
        instances: dict[str, dict[Step | None, object]] = {}
        for source in plan.data_sources:
            instances.setdefault(source.address, {})[source.index] = source.values
        for change in plan.resources:
            if change.after is not None and not change.deposed:
                instances.setdefault(f"{change.type}.{change.name}", {})[change.index] = change.after
        return cls({address: _together(rows) for address, rows in instances.items()})

    def within(self, **scope: object) -> "KnownValues":
        """The same values with additional named ones."""
        return KnownValues(self._objects, {**self._scope, **scope})

    def value(self, steps: tuple[Step, ...]) -> object:
        """The value of a reference. Raises UnexplainedError if it is not known."""
        first = str(steps[0])
        if first in self._scope:
            return _navigate(self._scope[first], steps[1:])
        length = 3 if first == "data" else 2
        address = ".".join(map(str, steps[:length]))
        if address not in self._objects:
            raise UnexplainedError(address)
        return _navigate(self._objects[address], steps[length:])


def traversal(text: str) -> tuple[Step, ...] | None:
    """The steps of a plain reference, such as ``aws_s3_bucket.media.arn``; None for any other expression."""
    found = _TRAVERSAL.fullmatch(text)
    return steps_of(found) if found else None


def traversals(text: str) -> list[tuple[Step, ...]]:
    """Every reference within an expression."""
    return [steps_of(found) for found in _TRAVERSAL.finditer(text)]


def steps_of(found: re.Match[str]) -> tuple[Step, ...]:
    """The steps in a matched reference."""
    steps: list[Step] = [found[1]]
    for name, number, key in _STEP.findall(found[2]):
        steps.append(int(number) if number else name or key)
    return tuple(steps)


def _together(instances: Mapping[Step | None, object]) -> object:
    if None in instances:
        return instances[None]
    if all(isinstance(index, int) for index in instances):
        return [instances[index] for index in sorted(instances, key=lambda index: int(index or 0))]
    return {str(index): value for index, value in instances.items()}


def _navigate(tree: object, steps: tuple[Step, ...]) -> object:
    for number, step in enumerate(steps):
        if tree is UNKNOWN:
            return UNKNOWN
        if isinstance(tree, Sensitive):
            found = _navigate(tree.value, steps[number:])
            return found if found is UNKNOWN else Sensitive(found)
        if isinstance(tree, Mapping):
            tree = tree.get(str(step))
        elif isinstance(tree, list) and isinstance(step, int) and step < len(tree):
            tree = tree[step]
        else:
            raise UnexplainedError(".".join(map(str, steps)))
    return tree
