"""Plans for the tests: the real ones in plans/, and documents of the same form with a single change."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from delivery.plan.document import Plan
from delivery.policy.guard import guard
from delivery.policy.overrides import Overrides
from delivery.policy.result import GuardResult, evaluate
from delivery.policy.rules import planned_values
from delivery.policy.rules.rule import Review
from delivery.policy.rules.table import RULES
from environments.schema.settings import Environment
from modules.model import selected_settings
from modules.model.providers import AWS, PROVIDERS
from modules.model.selected_settings import SHARED
from tests.account import SETTINGS

FOLDER = Path(__file__).parent / "plans"
_REQUIRED = {provider.name: {"source": provider.address, "version": provider.constraint} for provider in PROVIDERS}
_ARGUMENTS = {"allowed_account_ids": [SHARED.account], "region": SHARED.region}
# A few attributes are not a real provider's plan: the values that it fills in itself are missing.
_RULES_OF_PARTS = tuple(rule for rule in RULES if rule not in planned_values.RULES)
ACTIONS = {
    "create": ["create"],
    "change": ["update"],
    "replace": ["delete", "create"],
    "destroy": ["delete"],
    "forget": ["forget"],
    "unchanged": ["no-op"],
}


def real_plan(name: str) -> Plan:
    return Plan.read(FOLDER / f"{name}.plan.json")


def real_document(name: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((FOLDER / f"{name}.plan.json").read_text())
    return content


def real_stack(name: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((FOLDER / f"{name}.stack.json").read_text())
    return content


def real_guard_result(name: str, overrides: str = "") -> GuardResult:
    environment = name.partition("-")[0]
    return real_guard(environment, real_plan(name), real_stack(name), overrides)


def real_guard(environment: str, found: Plan, of_stack: dict[str, Any], overrides: str = "") -> GuardResult:
    """The guard's result for a recorded plan, on the account as designed."""
    return guard(environment, found, stack=of_stack, overrides=Overrides.of(overrides), settings=SETTINGS)


def resource(
    type_: str,
    kind: str,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    *,
    name: str = "x",
    **change: object,
) -> dict[str, Any]:
    """One row of resource_changes; a replacement without another reason is tainted."""
    is_damaged = kind == "replace" and "replace_paths" not in change
    return {
        "address": f"{type_}.{name}",
        "mode": "managed",
        "type": type_,
        "name": name,
        "provider_name": _provider(type_),
        **({"action_reason": "replace_because_tainted"} if is_damaged else {}),
        "change": {"actions": ACTIONS[kind], "before": before, "after": after, **change},
    }


def _provider(type_: str) -> str:
    name = type_.partition("_")[0]
    if name == "terraform":
        return "terraform.io/builtin/terraform"
    return _REQUIRED.get(name, {"source": f"registry.terraform.io/hashicorp/{name}"})["source"]


def document(*rows: Mapping[str, Any], **more: object) -> dict[str, Any]:
    """A plan with these rows, and the provider configured as in the stacks."""
    provider = {
        "name": "aws",
        "full_name": "registry.terraform.io/hashicorp/aws",
        "version_constraint": AWS.constraint,
        "expressions": {key: {"constant_value": value} for key, value in _ARGUMENTS.items()},
    }
    return {
        "format_version": "1.2",
        "terraform_version": "1.11.4",
        "complete": True,
        "errored": False,
        "resource_changes": list(rows),
        "configuration": {"provider_config": {"aws": provider}},
        **more,
    }


def plan(*rows: Mapping[str, Any], **more: object) -> Plan:
    return Plan.parse(json.dumps(document(*rows, **more)))


def stack(environment: str, *rows: Mapping[str, Any], **attributes: object) -> dict[str, Any]:
    """The stack that produces exactly these rows; attributes: added to or replaced in every resource."""
    resources: dict[str, dict[str, Any]] = {}
    for row in rows:
        if row["change"]["actions"] not in (ACTIONS["destroy"], ACTIONS["forget"]):
            body = {**_configured(row["change"]["after"], row["change"]), **attributes}
            resources.setdefault(row["type"], {})[row["name"]] = body
    return {
        "terraform": {
            "backend": {
                "s3": {
                    "bucket": f"{SHARED.project}-{environment}-terraform-state-{SHARED.account}",
                    "key": f"{environment}/terraform.tfstate",
                    "region": SHARED.region,
                    "allowed_account_ids": [SHARED.account],
                    "encrypt": True,
                    "use_lockfile": True,
                }
            },
            "required_providers": _REQUIRED,
        },
        "provider": {"aws": [_ARGUMENTS]},
        "resource": resources,
        "import": [
            {"to": row["address"], "id": row["change"]["importing"]["id"]}
            for row in rows
            if "importing" in row["change"]
        ],
        "moved": [{"from": row["previous_address"], "to": row["address"]} for row in rows if "previous_address" in row],
        "removed": [
            {"from": row["address"], "lifecycle": {"destroy": False}}
            for row in rows
            if row["change"]["actions"] == ACTIONS["forget"]
        ],
    }


def _configured(after: Mapping[str, Any] | None, change: Mapping[str, Any]) -> dict[str, Any]:
    """The configuration that gives these planned values: visible ones literally, sensitive ones by an expression."""
    unknown, sensitive = (change.get(f"after_{mark}") or {} for mark in ("unknown", "sensitive"))
    return {
        key: f"${{sensitive({json.dumps(value)})}}" if sensitive.get(key) is True else value
        for key, value in (after or {}).items()
        if unknown.get(key) is not True
    }


def guard_result(environment: str, *rows: Mapping[str, Any], **attributes: object) -> GuardResult:
    """The result of every rule for a plan of these rows, except the rule about whole plans."""
    return _judged(selected_settings.SETTINGS.find(environment), stack(environment, *rows, **attributes), *rows)


def _judged(settings: Environment, of_stack: dict[str, Any], *rows: Mapping[str, Any]) -> GuardResult:
    neighbours = [row for row in selected_settings.SETTINGS.load() if row.name != settings.name]
    review = Review(plan=plan(*rows), environment=settings, neighbours=neighbours, shared=SHARED, stack=of_stack)
    return evaluate(review, _RULES_OF_PARTS, Overrides())


def said(found: GuardResult) -> list[str]:
    """Each finding as ``SEVERITY RULE ADDRESS TEXT``."""
    return [f"{row.severity.name} {row.rule.id} {row.finding.address} {row.finding.words()}" for row in found.findings]
