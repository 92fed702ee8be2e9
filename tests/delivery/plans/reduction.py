"""Cuts a plan and its stack down to what the comment and the guard read."""

import json
from typing import Any

from delivery.plan.data_values import referenced_data
from delivery.terraform.stack_configuration import StackConfiguration

_MARKS = {"after_unknown", "before_sensitive", "after_sensitive"}
_KEPT = ("format_version", "terraform_version", "complete", "errored", "timestamp", "output_changes")


def reduced_plan(plan: dict[str, Any], stack: dict[str, Any]) -> dict[str, Any]:
    """The plan without planned values, and of prior state and configuration with what the guard reads alone."""
    return {
        **{key: plan[key] for key in _KEPT},
        "resource_changes": [_resource(row) for row in plan["resource_changes"]],
        "prior_state": {"values": {"root_module": {"resources": referenced_data(plan, stack)}}},
        "configuration": {"provider_config": plan["configuration"]["provider_config"]},
    }


def _resource(row: dict[str, Any]) -> dict[str, Any]:
    change = {key: _without_nothing(value, is_mark=key in _MARKS) for key, value in row["change"].items()}
    return {**row, "change": change}


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
    """The stack without what CDKTF writes for itself."""
    return StackConfiguration(stack).document
