"""Cuts a plan and its stack down to what the comment and the guard read."""

import json
from typing import Any

_OF_AN_UNCHANGED_RESOURCE = {"id", "arn", "name", "bucket", "role", "policy"}
_MARKS = {"after_unknown", "before_sensitive", "after_sensitive"}
_OF_A_STACK_RESOURCE = {"assume_role_policy", "inline_policy", "managed_policy_arns", "policy", "role"}


def reduced_plan(plan: dict[str, Any]) -> dict[str, Any]:
    """The plan without prior state, planned values, most of the configuration, and unchanged resources' attributes."""
    return {
        **{key: plan[key] for key in ("format_version", "terraform_version", "complete", "errored", "timestamp")},
        "resource_changes": [_resource(row) for row in plan.get("resource_changes", [])],
        "output_changes": plan.get("output_changes", {}),
        "configuration": {"provider_config": plan["configuration"]["provider_config"]},
    }


def _resource(row: dict[str, Any]) -> dict[str, Any]:
    change = row["change"]
    if change["actions"] == ["no-op"] and "importing" not in change:
        sides = {
            side: {key: value for key, value in change[side].items() if key in _OF_AN_UNCHANGED_RESOURCE}
            for side in ("before", "after")
        }
        change = {"actions": change["actions"], **sides}
    keep = ("address", "previous_address", "mode", "type", "name", "index", "deposed", "provider_name")
    return {
        **{key: row[key] for key in keep if key in row},
        "change": {key: _without_nothing(value, is_mark=key in _MARKS) for key, value in change.items()},
    }


def _without_nothing(tree: object, *, is_mark: bool) -> object:
    """The tree without null and empty values of objects, which are most of a provider's answer, and false marks."""
    if isinstance(tree, dict):
        items = {key: _without_nothing(value, is_mark=is_mark) for key, value in tree.items()}
        return {
            key: value for key, value in items.items() if value not in (None, [], {}) and not (is_mark and not value)
        }
    if isinstance(tree, list):
        rows = [_without_nothing(item, is_mark=is_mark) for item in tree]
        return rows if not is_mark or any(rows) else []
    return tree


def as_lines(content: dict[str, Any]) -> str:
    """JSON with a line for each resource, so that a change of one can be read as a difference."""
    text = json.dumps(content, sort_keys=True, ensure_ascii=True)
    return text.replace('{"address": ', '\n{"address": ').replace('"terraform_version"', '\n"terraform_version"') + "\n"


def reduced_stack(stack: dict[str, Any]) -> dict[str, Any]:
    """The stack's backend, and its resources with what the guard reads of them alone."""
    return {
        "terraform": {"backend": stack["terraform"]["backend"]},
        "resource": {
            type_: {
                name: {key: value for key, value in body.items() if key in _OF_A_STACK_RESOURCE}
                for name, body in bodies.items()
            }
            for type_, bodies in stack["resource"].items()
        },
    }
