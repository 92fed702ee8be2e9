"""Doctored rows of a plan: a real row with one value edited, as an attacker could edit Terraform's JSON."""

import copy
from collections.abc import Callable, Iterator
from typing import Any

Row = dict[str, Any]
Path = tuple[str | int, ...]


def doctored(row: Row) -> Iterator[tuple[str, Path, Row]]:
    """Yield each edit of one planned value: its kind, its place, and the edited row."""
    after = row["change"]["after"]
    for path, value in [*_places(after, ())]:
        for kind, edit in _edits(value).items():
            yield kind, path, _with(row, path, edit)
        yield "removed", path, _with(row, path, _removed)
        for kind, marks in (("unknown", "after_unknown"), ("sensitive", "after_sensitive")):
            yield kind, path, _marked(row, path, marks)


def _places(tree: object, path: Path) -> Iterator[tuple[Path, object]]:
    """Yield every value, and every object and list that contains values."""
    if path:
        yield path, tree
    if isinstance(tree, dict):
        for key, item in tree.items():
            yield from _places(item, (*path, key))
    elif isinstance(tree, list):
        for index, item in enumerate(tree):
            yield from _places(item, (*path, index))


def _removed(parent: Any, step: str | int) -> None:  # noqa: ANN401 any JSON
    del parent[step]


def _put(value: Any) -> Callable[[Any, str | int], None]:  # noqa: ANN401 any JSON
    def put(parent: Any, step: str | int) -> None:  # noqa: ANN401 any JSON
        parent[step] = value

    return put


def _edits(value: object) -> dict[str, Callable[[Any, str | int], None]]:
    if isinstance(value, bool):
        return {"flipped": _put(not value), "of another type": _put("doctored")}
    if isinstance(value, int | float):
        return {"more": _put(value + 1), "of another type": _put(f"{value} doctored")}
    if isinstance(value, str):
        return {"another text": _put(f"{value}x"), "of another type": _put([value])}
    if isinstance(value, dict):
        return {"one more key": _put({**value, "doctored": "x"}), "of another type": _put("doctored")}
    if isinstance(value, list):
        more = copy.deepcopy(value[-1]) if value else "doctored"
        return {"one more": _put([*value, f"{more}x" if isinstance(more, str) else more])}
    return {}


def _with(row: Row, path: Path, edit: Callable[[Any, str | int], None]) -> Row:
    """Return a copy of the row that copies only the ancestors of the path."""
    *above, last = path
    changed = {**row, "change": {**row["change"]}}
    parent: Any = changed["change"]
    step: str | int = "after"
    for below in above:
        parent[step] = copy.copy(parent[step])
        parent, step = parent[step], below
    parent[step] = copy.copy(parent[step])
    edit(parent[step], last)
    return changed


def _marked(row: Row, path: Path, marks: str) -> Row:
    tree: Any = True
    for step in reversed(path):
        tree = {step: tree} if isinstance(step, str) else [*[False] * step, tree]
    merged = _merged(row["change"].get(marks) or {}, tree)
    return {**row, "change": {**row["change"], marks: merged}}


def _merged(marks: Any, more: Any) -> Any:  # noqa: ANN401 any JSON
    if isinstance(marks, dict) and isinstance(more, dict):
        return {**marks, **{key: _merged(marks.get(key), value) for key, value in more.items()}}
    if isinstance(marks, list) and isinstance(more, list):
        length = max(len(marks), len(more))
        left, right = ([*rows, *[False] * (length - len(rows))] for rows in (marks, more))
        return [_merged(*pair) if pair[1] else pair[0] for pair in zip(left, right, strict=True)]
    return more
