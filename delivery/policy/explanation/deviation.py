"""The findings of comparing a plan with its stack."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from delivery.plan.differences import canonical

Path = tuple[str | int, ...]


@dataclass(frozen=True, kw_only=True)
class Deviation:
    """One value that does not follow from the stack.

    path: within the resource. found: the planned value; for a block that nobody configured, the number of blocks.
    expected: the value that follows from the stack. is_default: the stack does not mention it, so a recorded default of
    the provider may explain it.
    """

    path: Path
    found: object
    expected: object = None
    is_default: bool = False

    @property
    def place(self) -> str:
        """The path without list positions; the key for recorded defaults."""
        return ".".join(step for step in self.path if isinstance(step, str))


@dataclass(frozen=True, kw_only=True)
class Sides:
    """A planned value and today's value."""

    after: object
    before: object

    @property
    def stays(self) -> bool:
        """Whether there is a value today and the plan keeps it."""
        return self.before is not None and canonical(self.after) == canonical(self.before)

    def below(self, step: str | int) -> "Sides":
        """Both sides one step further down."""
        return Sides(after=_at(self.after, step), before=_at(self.before, step))


def is_nothing(value: object) -> bool:
    """Whether it is what providers write for an unconfigured value: none, or the empty value of its type."""
    return value in (None, "", 0, False, [], {})


def pairs(
    expected: Sequence[object],
    found: object,
    path: Path,
    compare: Callable[[object, int], list[Deviation]],
    *,
    is_set: bool,
) -> Iterator[Deviation]:
    """The deviations of the items of a list, or of a set, in which positions do not matter.

    compare: returns how the item at this position deviates from an expected one.
    """
    if not isinstance(found, list) or len(found) != len(expected):
        yield Deviation(path=path, found=found, expected=list(expected))
        return
    if not is_set:
        for index, row in enumerate(expected):
            yield from compare(row, index)
        return
    left = list(range(len(found)))
    unmatched = []
    for row in expected:
        for index in left:
            rows = compare(row, index)
            if all(one.is_default for one in rows):
                left.remove(index)
                yield from rows
                break
        else:
            unmatched.append(row)
    for row, index in zip(unmatched, left, strict=True):
        yield from compare(row, index)


def _at(tree: object, step: str | int) -> object:
    if isinstance(tree, Mapping):
        return tree.get(str(step))
    if isinstance(tree, list) and isinstance(step, int) and step < len(tree):
        return tree[step]
    return None
