"""Plans for the tests: the real ones of plans/, and documents with a single change in the same form."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from delivery.plan.document import Plan
from delivery.policy.guard import guard
from delivery.policy.overrides import Overrides
from delivery.policy.result import GuardResult
from modules.model.selected_settings import SHARED
from tests.account import SETTINGS

FOLDER = Path(__file__).parent / "plans"
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
    """The guard's word on a plan that was recorded: on the account as designed."""
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
    """One row of resource_changes."""
    return {
        "address": f"{type_}.{name}",
        "mode": "managed",
        "type": type_,
        "name": name,
        "change": {"actions": ACTIONS[kind], "before": before, "after": after, **change},
    }


def document(*rows: Mapping[str, Any], **more: object) -> dict[str, Any]:
    """A plan of these rows, with the provider as the stacks configure it."""
    provider = {
        "full_name": "registry.terraform.io/hashicorp/aws",
        "expressions": {
            "allowed_account_ids": {"constant_value": [SHARED.account]},
            "region": {"constant_value": SHARED.region},
        },
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
    """The stack that such a plan is of; attributes: of every resource in it."""
    resources: dict[str, dict[str, Any]] = {}
    for row in rows:
        if row["change"]["actions"] not in (ACTIONS["destroy"], ACTIONS["forget"]):
            resources.setdefault(row["type"], {})[row["name"]] = attributes
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
            }
        },
        "resource": resources,
    }


def guard_result(environment: str, *rows: Mapping[str, Any], **attributes: object) -> GuardResult:
    """The guard's word on a plan of these rows."""
    return guard(environment, plan(*rows), stack=stack(environment, *rows, **attributes), overrides=Overrides())


def said(found: GuardResult) -> list[str]:
    """Each finding as ``WEIGHT RULE ADDRESS WORDS``."""
    return [f"{row.severity.name} {row.rule.id} {row.finding.address} {row.finding.words()}" for row in found.findings]
