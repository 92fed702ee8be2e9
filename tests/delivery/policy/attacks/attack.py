"""An attack as data: the doctored documents, and the rule that stops it."""

import copy
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from delivery.plan.document import Plan
from delivery.policy.overrides import Overrides
from delivery.policy.result import GuardResult, evaluate
from delivery.policy.rules.rule import Review
from delivery.policy.rules.table import RULES
from delivery.proposal.plannable import refusals
from environments.schema.document import SettingsDocument
from environments.schema.settings import Environment, Shared
from tests.account import SETTINGS
from tests.delivery.plan_documents import document, real_document, real_stack, stack

Attributes = Mapping[str, Any]
NOT_PLANNED = "not-planned"
Edit = Callable[["Documents"], None]


@dataclass(kw_only=True)
class Documents:
    """The guard's input for one environment, ready to be edited.

    plan: the output of ``terraform show -json``. stack: the content of cdk.tf.json. shared, environments: the
    proposed settings; base: the settings before.
    """

    environment: str
    plan: dict[str, Any]
    stack: dict[str, Any]
    trusted: Mapping[str, Any] | None = None
    base: SettingsDocument | None = None
    shared: Shared = SETTINGS.shared
    environments: dict[str, Environment] = field(default_factory=lambda: {row.name: row for row in SETTINGS.load()})

    def row(self, address: str) -> dict[str, Any]:
        """Return one row of the plan. Raises StopIteration if there is none."""
        found: dict[str, Any] = next(row for row in self.plan["resource_changes"] if row["address"] == address)
        return found

    def body(self, address: str) -> dict[str, Any]:
        """Return the stack's configuration of a resource; empty if it has none."""
        type_, _, name = address.partition(".")
        found: dict[str, Any] = self.stack["resource"].get(type_, {}).get(name, {})
        return found

    def judged(self, *without: str) -> GuardResult:
        """Return the guard's result. without: rules to skip."""
        rules = [rule for rule in RULES if rule.id not in without]
        is_asked = self.trusted is not None and NOT_PLANNED not in without
        proposed = SettingsDocument(shared=self.shared, environments=tuple(self.environments.values()))
        review = Review(
            plan=Plan.parse(json.dumps(self.plan)),
            environment=self.environments[self.environment],
            neighbours=[row for name, row in self.environments.items() if name != self.environment],
            shared=self.shared,
            stack=self.stack,
            trusted=self.trusted,
            base=self.base,
            proposed=proposed if self.base else None,
            refusals=refusals(self.stack, self.trusted or {}, self.trusted) if is_asked else (),
        )
        return evaluate(review, rules, Overrides())


@dataclass(frozen=True, kw_only=True)
class Attack:
    """One attack. on: the documents to doctor (``BASES``). by: the rule that stops it."""

    title: str
    on: str
    edits: tuple[Edit, ...]
    by: str

    def documents(self) -> Documents:
        """The documents after the edits."""
        documents = base(self.on)
        for edit in self.edits:
            edit(documents)
        return documents


def attack(title: str, on: str, by: str, *edits: Edit) -> Attack:
    """One line of a table of attacks."""
    return Attack(title=title, on=on, by=by, edits=edits)


def base(name: str) -> Documents:
    """Return the named documents, ready to be edited."""
    return _copied(BASES[name]())


def _copied(documents: Documents) -> Documents:
    plan_, stack_ = (json.loads(json.dumps(tree)) for tree in (documents.plan, documents.stack))
    return replace(documents, plan=plan_, stack=stack_, environments=dict(documents.environments))


@cache
def _recorded(name: str) -> Documents:
    made = real_stack(name)
    return Documents(environment=name.partition("-")[0], plan=real_document(name), stack=made, trusted=made)


@cache
def _applied(first: str, later: str) -> Documents:
    """Return a first plan as after its apply: every resource unchanged, with all its attributes."""
    documents = _copied(_recorded(later))
    known = {row["address"]: row for row in documents.plan["resource_changes"]}
    for row in _recorded(first).plan["resource_changes"]:
        if row["address"] in known:
            change = known[row["address"]]["change"]
            attributes = {**row["change"]["after"], **(change["after"] or {})}
            change.update(before=attributes, after=copy.deepcopy(attributes))
    return documents


@cache
def _settings(environment: str) -> Documents:
    """Return an empty plan: the settings are doctored."""
    documents = Documents(environment=environment, plan=document(), stack=stack(environment))
    documents.base = SettingsDocument(shared=documents.shared, environments=tuple(documents.environments.values()))
    return documents


BASES: Mapping[str, Callable[[], Documents]] = {
    "staging, first plan": lambda: _recorded("staging-create"),
    "prod, first plan": lambda: _recorded("prod-adopt"),
    "staging": lambda: _applied("staging-create", "staging-empty"),
    "prod": lambda: _applied("prod-adopt", "prod-empty"),
    "settings of staging": lambda: _settings("staging"),
    "settings of prod": lambda: _settings("prod"),
}
