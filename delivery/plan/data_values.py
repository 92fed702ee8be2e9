"""The data source values that a stack's expressions can read."""

import re
from collections.abc import Iterator, Mapping

_EXPRESSION = re.compile(r"[$%]\{.*\}", re.S)
_ATTRIBUTE = re.compile(r"\.([a-z][a-z0-9_]*)")
_KEPT = ("address", "mode", "type", "name", "index")
# Terraform evaluates these while it plans; they never end up in a value of the plan.
_CHECKS = ("lifecycle", "precondition", "postcondition", "validation")


def referenced_data(document: Mapping[str, object], stack: Mapping[str, object]) -> list[dict[str, object]]:
    """The data source rows of the plan's prior state, each with only the attributes that the stack names.

    document: the output of ``terraform show -json``. stack: the planned stack. Sensitive values keep their marks.
    """
    names = {
        name
        for section, content in stack.items()
        if section != "provider"
        for text in _expressions(content)
        for name in _ATTRIBUTE.findall(text)
    }
    found = []
    for row in _rows(document):
        values, marks = row.get("values"), row.get("sensitive_values")
        found.append(
            {
                **{key: row[key] for key in _KEPT if key in row},
                "values": _named(values, names),
                "sensitive_values": _named(marks, names),
            }
        )
    return found


def _rows(document: Mapping[str, object]) -> Iterator[Mapping[str, object]]:
    tree: object = document
    for key in ("prior_state", "values", "root_module", "resources"):
        tree = tree.get(key) if isinstance(tree, Mapping) else None
    yield from (
        row
        for row in (tree if isinstance(tree, list) else [])
        if isinstance(row, Mapping) and row.get("mode") == "data"
    )


def _named(values: object, names: set[str]) -> dict[str, object]:
    return {key: value for key, value in values.items() if key in names} if isinstance(values, Mapping) else {}


def _expressions(tree: object) -> Iterator[str]:
    if isinstance(tree, Mapping):
        for key, item in tree.items():
            if key not in _CHECKS:
                yield from _expressions(item)
    elif isinstance(tree, list):
        for item in tree:
            yield from _expressions(item)
    elif isinstance(tree, str):
        yield from _EXPRESSION.findall(tree)
