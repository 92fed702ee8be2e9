"""Reduces a plan and its stack to the parts that the comment and the guard read."""

import json
from typing import Any

from delivery.plan.data_values import referenced_data
from delivery.terraform.stack_configuration import StackConfiguration

_MARKS = {"after_unknown", "before_sensitive", "after_sensitive"}
_KEPT = ("format_version", "terraform_version", "complete", "errored", "timestamp", "output_changes")


def reduced_plan(plan: dict[str, Any], stack: dict[str, Any]) -> dict[str, Any]:
    """Return the plan without planned values, and the parts of prior state and configuration that the guard reads."""
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
    """Return the tree without false marks, and without null and empty values, which are most of a provider's answer."""
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
    """Return JSON with one line per resource, so that a changed resource is a readable diff."""
    text = json.dumps(content, sort_keys=True, ensure_ascii=True)
    return text.replace('{"address": ', '\n{"address": ').replace('"terraform_version"', '\n"terraform_version"') + "\n"


def reduced_stack(stack: dict[str, Any]) -> dict[str, Any]:
    """Return the stack without CDKTF's own metadata."""
    return StackConfiguration(stack).document
