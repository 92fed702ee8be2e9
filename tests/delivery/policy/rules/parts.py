"""Attributes that several rules' tests share, and helpers that run a change through the rules."""

import json
from collections.abc import Sequence
from typing import Any

from delivery.policy.overrides import Overrides
from delivery.policy.result import evaluate
from delivery.policy.rules.rule import Review, Rule
from environments.schema.connection import Connection
from environments.schema.neighbour import Neighbour
from environments.schema.settings import Environment
from modules.model.selected_settings import SETTINGS
from tests.delivery.plan_documents import plan, said, stack

# A change of a resource in staging, and the guard's finding; None if it has none.
Cases = dict[str, tuple[dict[str, Any], str | None]]

METADATA = [{"name": "x", "namespace": "mosaic-staging"}]
MEDIA = "arn:aws:s3:::mosaic-staging-media-033691785857"


def policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(actions: object, resources: object = None, **more: object) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": actions, **({"Resource": resources} if resources else {}), **more}


def kubernetes(**spec: object) -> dict[str, Any]:
    return {"metadata": METADATA, "spec": [spec]}


def labels(**levels: str) -> dict[str, Any]:
    values = {f"pod-security.kubernetes.io/{mode.replace('_', '-')}": level for mode, level in levels.items()}
    return {"metadata": [{"name": "mosaic-staging", "labels": values}]}


def rules_broken_by(changes: Cases) -> set[str]:
    """Return the ids of the rules that these changes break: a finding is ``SEVERITY RULE ADDRESS TEXT``."""
    return {said_.split()[1] for _, said_ in changes.values() if said_}


def beside_prerender(environment: str) -> Environment:
    """Return an environment's settings with a neighbour."""
    prerender = Neighbour(
        name="prerender",
        labels={"app.kubernetes.io/name": "prerender"},
        connections=(Connection(direction="in", peer="own namespace", port=3000),),
        pod_security="baseline",
    )
    return SETTINGS.find(environment).model_copy(update={"neighbours": (prerender,)})


def judged(rules: Sequence[Rule], settings: Environment, *rows: dict[str, Any], **attributes: object) -> list[str]:
    """Return these rules' findings for a plan of these rows; attributes: added to every resource in its stack."""
    review = Review(
        plan=plan(*rows),
        environment=settings,
        neighbours=[row for row in SETTINGS.load() if row.name != settings.name],
        shared=SETTINGS.shared,
        stack=stack(settings.name, *rows, **attributes),
    )
    return said(evaluate(review, rules, Overrides()))


def judged_in_staging(rules: Sequence[Rule], *rows: dict[str, Any], **attributes: object) -> list[str]:
    """Like ``judged``, with staging's settings."""
    return judged(rules, SETTINGS.find("staging"), *rows, **attributes)


def assert_said_beside_prerender(rules: Sequence[Rule], row: dict[str, Any], expected: str | None) -> None:
    assert judged(rules, beside_prerender("staging"), row) == ([expected] if expected else [])


def assert_said(rules: Sequence[Rule], row: dict[str, Any], expected: str | None) -> None:
    assert judged_in_staging(rules, row) == ([expected] if expected else [])
