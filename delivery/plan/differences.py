"""The differences between two trees of attributes, as few and as readable as possible."""

import json
import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from delivery.redaction.marks import Sensitive


class _Absent:
    def __str__(self) -> str:
        return "(absent)"


ABSENT = _Absent()

_SHORT = 120
# The attributes that identify an item of a list: containers and their variables, IAM statements, lifecycle rules.
_IDENTITIES = ("name", "Sid", "id")


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One value that differs; before or after is ABSENT if that side has none."""

    path: str
    before: object
    after: object


def differences(before: object, after: object) -> list[Difference]:
    """Every difference, down to single values.

    None, an empty list and an empty object all count as absent, as in Terraform's providers. Items of a list are
    matched by name if every item has one. JSON in a string is compared by content. A list that holds a single block has
    no index in its path. A short value that is entirely new or gone is one difference.
    """
    return list(_walk("", _pruned(before), _pruned(after)))


def canonical(value: object) -> str:
    """A text that is equal only for equal values; it contains sensitive values and must not be shown."""
    return json.dumps(value, sort_keys=True, default=_exact)


def _exact(value: object) -> object:
    # NaN does not exist in JSON, so nothing in a document can equal a mark.
    if isinstance(value, Sensitive):
        return {"sensitive": value.value, "mark": math.nan}
    return {"mark": math.nan, "words": str(value)}


def _pruned(value: object) -> object:
    if isinstance(value, Mapping):
        items = {key: _pruned(item) for key, item in value.items()}
        return {key: item for key, item in items.items() if item is not ABSENT and item not in ([], {})}
    if isinstance(value, list):
        return [None if item is None else _pruned(item) for item in value]
    return ABSENT if value is None else value


def _walk(path: str, before: object, after: object) -> Iterator[Difference]:
    before, after = _structure(before), _structure(after)
    if canonical(before) == canonical(after):
        return
    if path and any(side is ABSENT for side in (before, after)) and _is_short(before if after is ABSENT else after):
        yield Difference(path=path, before=before, after=after)
    elif _is_one_of(dict, before, after):
        left, right = _object(before), _object(after)
        for key in sorted(left.keys() | right.keys()):
            yield from _walk(_join(path, key), left.get(key, ABSENT), right.get(key, ABSENT))
    elif _is_one_of(list, before, after):
        yield from _lists(path, _list(before), _list(after))
    else:
        yield Difference(path=path, before=before, after=after)


def _is_one_of(kind: type, before: object, after: object) -> bool:
    """Whether one is a non-empty value of this kind and the other is of this kind too, or absent."""
    present = [value for value in (before, after) if value is not ABSENT]
    return all(isinstance(value, kind) for value in present) and any(present)


def _is_short(value: object) -> bool:
    """Whether it is a few plain values that are readable at a glance on one line."""
    values = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []
    return (
        len(values) > 1
        and all(isinstance(item, str | int | float) for item in values)
        and len(json.dumps(value)) <= _SHORT
    )


def _object(value: object) -> dict[str, object]:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _lists(path: str, before: list[object], after: list[object]) -> Iterator[Difference]:
    if len(before) <= 1 and len(after) <= 1:
        yield from _walk(path, *(rows[0] if rows else ABSENT for rows in (before, after)))
        return
    identity = _identity(before, after)
    if identity:
        left, right = _by_identity(before, identity), _by_identity(after, identity)
        for name in dict.fromkeys((*left, *right)):
            yield from _walk(f"{path}[{name}]", left.get(name, ABSENT), right.get(name, ABSENT))
        yield from _order(path, [name for name in left if name in right], [name for name in right if name in left])
    elif any(isinstance(item, dict | list) for item in (*before, *after)):
        yield from _positions(path, before, after)
    else:
        gone = Counter(map(canonical, before)) - Counter(map(canonical, after))
        new = Counter(map(canonical, after)) - Counter(map(canonical, before))
        yield from (Difference(path=path, before=item, after=ABSENT) for item in _taken(before, gone))
        yield from (Difference(path=path, before=ABSENT, after=item) for item in _taken(after, new))
        if not gone and not new:
            yield from _order(path, before, after)


def _taken(items: Sequence[object], counts: Counter[str]) -> Iterator[object]:
    for item in items:
        if counts[canonical(item)] > 0:
            counts = counts - Counter([canonical(item)])
            yield item


def _identity(before: list[object], after: list[object]) -> str | None:
    for key in _IDENTITIES:
        if all(
            all(isinstance(item, dict) and isinstance(item.get(key), str) for item in rows)
            and len({item[key] for item in rows if isinstance(item, dict)}) == len(rows)
            for rows in (before, after)
        ):
            return key
    return None


def _by_identity(rows: list[object], identity: str) -> dict[str, object]:
    return {
        str(item[identity]): {key: value for key, value in item.items() if key != identity}
        for item in rows
        if isinstance(item, dict)
    }


def _order(path: str, before: Sequence[object], after: Sequence[object]) -> Iterator[Difference]:
    if canonical(before) != canonical(after):
        yield Difference(path=f"{path} (order)", before=list(before), after=list(after))


def _positions(path: str, before: list[object], after: list[object]) -> Iterator[Difference]:
    matcher = SequenceMatcher(a=list(map(canonical, before)), b=list(map(canonical, after)), autojunk=False)
    for operation, left, left_end, right, right_end in matcher.get_opcodes():
        if operation == "equal":
            continue
        for offset in range(max(left_end - left, right_end - right)):
            is_before, is_after = left + offset < left_end, right + offset < right_end
            index = left + offset if is_before else right + offset
            yield from _walk(
                f"{path}[{index}]",
                before[left + offset] if is_before else ABSENT,
                after[right + offset] if is_after else ABSENT,
            )


def _structure(value: object) -> object:
    """The parsed content of a string that holds a JSON object or list."""
    if isinstance(value, str) and value.lstrip()[:1] in ("{", "["):
        try:
            content = json.loads(value)
        except ValueError:
            return value
        return _pruned(content)
    return value


def _join(path: str, key: str) -> str:
    if re.fullmatch(r"[A-Za-z0-9_-]+", key):
        return f"{path}.{key}" if path else key
    return f"{path}[{json.dumps(key, ensure_ascii=False)}]"
