"""The edits that make up attacks: of a plan together with its stack, or of the settings."""

import copy
from collections.abc import Mapping
from typing import Any

from environments.schema.settings import Environment
from tests.delivery.policy.attacks.attack import Documents, Edit

Path = tuple[str | int, ...]
# Part of a JSON document.
Part = Any
_MARKS = {"unknown": "after_unknown", "hidden": "after_sensitive"}


def put(address: str, path: str, value: object) -> Edit:
    """Write a value in a resource. path: dotted, with block numbers, as in a plan."""

    def edit(documents: Documents) -> None:
        change = _touched(documents.row(address))
        _write(change["after"], _steps(path), value)
        _forget_mark(change, _steps(path))
        body = documents.body(address)
        if body:
            _write(body, _steps(path), value)

    return edit


def put_in_plan(address: str, path: str, value: object) -> Edit:
    """Write a value in a resource of the plan only."""

    def edit(documents: Documents) -> None:
        _write(_touched(documents.row(address))["after"], _steps(path), value)

    return edit


def put_in_stack(path: str, value: object) -> Edit:
    """Write a value anywhere in the stack."""
    return lambda documents: _write(documents.stack, _steps(path), value)


def drop(address: str, path: str) -> Edit:
    """Remove an attribute."""

    def edit(documents: Documents) -> None:
        for tree in (_touched(documents.row(address))["after"], documents.body(address)):
            _remove(tree, _steps(path))

    return edit


def add_item(address: str, path: str, item: object) -> Edit:
    """Add an item to a list of a resource."""

    def edit(documents: Documents) -> None:
        _append(_touched(documents.row(address))["after"], _steps(path), item)
        if documents.body(address):
            _append(documents.body(address), _steps(path), item)

    return edit


def mark(address: str, path: str, how: str) -> Edit:
    """Hide a value of the plan: ``unknown`` until the apply, or ``hidden`` as sensitive."""

    def edit(documents: Documents) -> None:
        change = _touched(documents.row(address))
        marks = change.get(_MARKS[how])
        change[_MARKS[how]] = marks if isinstance(marks, dict) else {}
        _write(change[_MARKS[how]], _steps(path), value=True)
        if how == "unknown":
            _remove(change["after"], _steps(path))
            _write(documents.body(address), _steps(path), "${tostring(local.computed)}")

    return edit


def remove(address: str, action: str = "delete") -> Edit:
    """Remove a resource from the stack. If the plan has it, the plan deletes it, or does what ``action`` says."""

    def edit(documents: Documents) -> None:
        row = documents.row(address)
        if row["change"]["before"] is None:
            documents.plan["resource_changes"].remove(row)
        else:
            row["change"].update(actions=[action], after=None, after_unknown={}, after_sensitive={})
        type_, _, name = address.partition(".")
        documents.stack["resource"].get(type_, {}).pop(name, None)

    return edit


def replace(address: str) -> Edit:
    """Destroy an existing resource and create it again."""
    return lambda documents: documents.row(address)["change"].update(actions=["delete", "create"])


def add(address: str, after: Mapping[str, Any], *, imported: str | None = None, **marks: object) -> Edit:
    """Create a resource, or import one and change it; marks: after_unknown, after_sensitive."""

    def edit(documents: Documents) -> None:
        type_, name = address.split(".")[-2:]
        change: dict[str, Any] = {"actions": ["create"], "before": None, "after": copy.deepcopy(dict(after)), **marks}
        if imported:
            change |= {"actions": ["update"], "before": {}, "importing": {"id": imported}}
        row = {"address": address, "mode": "managed", "type": type_, "name": name, "change": change}
        documents.plan["resource_changes"].append(row)
        documents.stack["resource"].setdefault(type_, {})[name] = copy.deepcopy(dict(after))

    return edit


def destroyed(address: str, before: Mapping[str, Any]) -> Edit:
    """Destroy a resource that is only in the state."""

    def edit(documents: Documents) -> None:
        type_, _, name = address.partition(".")
        change = {"actions": ["delete"], "before": dict(before), "after": None}
        row = {"address": address, "mode": "managed", "type": type_, "name": name, "change": change}
        documents.plan["resource_changes"].append(row)

    return edit


def output(name: str, change: Mapping[str, Any]) -> Edit:
    """Add an output. change: its entry in output_changes."""

    def edit(documents: Documents) -> None:
        documents.plan.setdefault("output_changes", {})[name] = {"actions": ["create"], "before": None, **change}

    return edit


def deposed(address: str) -> Edit:
    """Destroy a deposed object of this address and keep the current one."""

    def edit(documents: Documents) -> None:
        row = copy.deepcopy(documents.row(address))
        row["deposed"] = "00000001"
        row["change"].update(actions=["delete"], after=None)
        documents.plan["resource_changes"].append(row)

    return edit


def setting(environment: str, **fields: object) -> Edit:
    """Propose other values for fields of an environment's settings."""

    def edit(documents: Documents) -> None:
        documents.environments[environment] = documents.environments[environment].changed(fields)

    return edit


def setting_before(environment: str, **fields: object) -> Edit:
    """Use other values for these fields in the base's settings, and so in the proposed ones."""

    def edit(documents: Documents) -> None:
        setting(environment, **fields)(documents)
        assert documents.base is not None
        changed = {row.name: row for row in documents.base.environments} | {
            environment: documents.environments[environment]
        }
        documents.base = type(documents.base)(shared=documents.base.shared, environments=tuple(changed.values()))

    return edit


def shared_setting(**fields: object) -> Edit:
    """Propose other values for shared fields."""

    def edit(documents: Documents) -> None:
        documents.shared = documents.shared.changed(fields)

    return edit


def without_environment(name: str) -> Edit:
    """Propose to delete an environment's file."""
    return lambda documents: documents.environments.__delitem__(name)


def new_environment(name: str, like: str, **fields: object) -> Edit:
    """Propose another environment, and review it. like: the environment it copies, except these fields."""

    def edit(documents: Documents) -> None:
        made: Environment = documents.environments[like].changed({"name": name, **fields})
        documents.environments = dict(sorted({**documents.environments, name: made}.items()))
        documents.environment = name

    return edit


def _steps(path: str) -> Path:
    """Return a path's steps. If a key has dots, slashes separate the steps, and ``~`` stands for a slash."""
    steps = path.split("/" if "/" in path else ".")
    return tuple(int(step) if step.isdigit() else step.replace("~", "/") for step in steps)


def _touched(row: dict[str, Any]) -> dict[str, Any]:
    change: dict[str, Any] = row["change"]
    if change["actions"] == ["no-op"]:
        change["actions"] = ["update"]
    return change


def _write(tree: Part, steps: Path, value: object) -> None:
    """Write the value and create missing parents; a block may be present without its list."""
    *way, last = steps
    for index, step in enumerate(way):
        tree = _entered(tree, step, [*way, last][index + 1])
    if isinstance(last, int) and isinstance(tree, dict):
        tree.clear()
        tree.update(value if isinstance(value, dict) else {})
    elif isinstance(last, int):
        tree.extend([None] * (last + 1 - len(tree)))
        tree[last] = value
    else:
        tree[last] = value


def _entered(tree: Part, step: str | int, following: str | int) -> Part:
    made: Part = [] if isinstance(following, int) else {}
    if isinstance(step, int):
        if isinstance(tree, dict):
            return tree
        tree.extend({} for _ in range(step + 1 - len(tree)))
        if tree[step] is None or tree[step] is True:
            tree[step] = made
        return tree[step]
    if tree.get(step) in (None, True, False) or (isinstance(following, str) and isinstance(tree[step], list)):
        if isinstance(tree.get(step), list):
            return tree[step][0]
        tree[step] = made
    return tree[step]


def _remove(tree: Part, steps: Path) -> None:
    for step in steps[:-1]:
        if isinstance(tree, dict):
            tree = tree.get(step) if isinstance(step, str) else tree
        elif isinstance(tree, list) and isinstance(step, int) and step < len(tree):
            tree = tree[step]
        if tree is None:
            return
    if isinstance(tree, dict):
        tree.pop(steps[-1], None)


def _append(tree: Part, steps: Path, item: object) -> None:
    for step, following in zip(steps, (*steps[1:], 0), strict=True):
        tree = _entered(tree, step, following)
    tree.append(item)


def _forget_mark(change: dict[str, Any], steps: Path) -> None:
    for marks in _MARKS.values():
        if isinstance(change.get(marks), dict):
            _remove(change[marks], steps)
