"""Parts of attributes that several rules' tests use, and how a change is tried."""

import json
from typing import Any

from environments.schema.connection import Connection
from environments.schema.neighbour import Neighbour
from environments.schema.settings import Environment
from modules.model.selected_settings import SETTINGS
from tests.delivery.plan_documents import guard_result, guard_result_of, said

# What happens to a resource of staging, and what the guard says of it; None where it says nothing.
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
    """The ids of the rules that some of these changes break: a finding is ``WEIGHT RULE ADDRESS WORDS``."""
    return {said_.split()[1] for _, said_ in changes.values() if said_}


def beside_prerender(environment: str) -> Environment:
    """An environment's settings with a neighbour."""
    prerender = Neighbour(
        name="prerender",
        labels={"app.kubernetes.io/name": "prerender"},
        connections=(Connection(direction="in", peer="own namespace", port=3000),),
        pod_security="baseline",
    )
    return SETTINGS.find(environment).model_copy(update={"neighbours": (prerender,)})


def assert_said_beside_prerender(row: dict[str, Any], expected: str | None) -> None:
    assert said(guard_result_of(beside_prerender("staging"), row)) == ([expected] if expected else [])


def assert_said(row: dict[str, Any], expected: str | None) -> None:
    assert said(guard_result("staging", row)) == ([expected] if expected else [])
