"""The checks of an Argo CD Application."""

import copy
from typing import Any

import pytest

from delivery.verification.argocd import application_problems, foreign_fields, sync_problems
from modules.model.argocd_application import argocd_application
from modules.model.names import Names
from modules.model.selected_settings import SETTINGS, SHARED
from tests.delivery.verification.changes import Change, changed

STAGING = SETTINGS.find("staging")
WANTED = argocd_application(STAGING, SHARED, Names.of(STAGING, SHARED))


def _live() -> dict[str, Any]:
    """The stack's Application after a sync, with the values that only the account knows."""
    application = copy.deepcopy(WANTED)
    application["spec"]["sources"][0]["helm"]["values"] = "{}"
    application["status"] = {"sync": {"status": "Synced"}, "health": {"status": "Healthy"}}
    return application


def test_the_application_that_the_stack_creates_is_accepted() -> None:
    assert application_problems(_live(), WANTED) == []
    assert sync_problems(_live()) == []


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda it: it["spec"].update(project="default"), "spec.project is default, not mosaic-life"),
        (lambda it: it["spec"]["destination"].update(namespace="mosaic-prod"), "is mosaic-prod, not mosaic-staging"),
        (lambda it: it["spec"]["sources"][0].update(targetRevision="main"), "targetRevision is main, not develop"),
        (lambda it: it["spec"]["sources"][0]["helm"]["valueFiles"].reverse(), "valueFiles[0] is $values/environments"),
        (lambda it: it["spec"]["sources"].pop(0), "spec.sources is"),
        (lambda it: it["spec"].pop("syncPolicy"), "spec.syncPolicy is None"),
        (lambda it: it["spec"].update(source={}), "spec.source is {}, not None"),
        (lambda it: it["metadata"].update(finalizers=["resources-finalizer.argocd.argoproj.io"]), "has finalizers"),
    ],
)
def test_a_differing_application_is_reported(change: Change, named: str) -> None:
    assert named in ", ".join(application_problems(changed(_live(), change), WANTED))


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda it: it.pop("status"), "not synced yet, no health"),
        (lambda it: it["status"]["sync"].update(status="OutOfSync"), "OutOfSync, Healthy"),
        (lambda it: it["status"]["health"].update(status="Degraded"), "Synced, Degraded"),
        (
            lambda it: it["status"].update(conditions=[{"type": "ComparisonError", "message": "no such file"}]),
            "ComparisonError: no such file",
        ),
    ],
)
def test_an_unsynced_or_unhealthy_application_is_reported(change: Change, named: str) -> None:
    assert named in ", ".join(sync_problems(changed(_live(), change)))


def _replicas(pointer: str) -> list[dict[str, Any]]:
    return [{"group": "apps", "kind": "Deployment", "jsonPointers": [pointer]}]


def _adopted(application: dict[str, Any]) -> None:
    """Fields that somebody else's Application keeps when the stack's manifest is applied over it."""
    application["spec"]["syncPolicy"]["automated"]["allowEmpty"] = False
    application["spec"]["ignoreDifferences"] = _replicas("/spec/replicas")
    application["metadata"]["annotations"] = {"notifications.argoproj.io/subscribe.on-deployed.slack": "deployments"}


def test_an_adopted_application_is_accepted() -> None:
    adopted = changed(_live(), _adopted)
    assert application_problems(adopted, WANTED) == []
    assert foreign_fields(adopted, WANTED) == []


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (lambda it: it["spec"].update(ignoreDifferences=_replicas("/spec/template")), "spec.ignoreDifferences"),
        (
            lambda it: it["spec"]["syncPolicy"]["automated"].update(allowEmpty=True),
            "spec.syncPolicy.automated.allowEmpty",
        ),
        (lambda it: it["spec"].update(source={"repoURL": "x"}), "spec.source"),
        (lambda it: it["spec"]["sources"][0]["helm"].update(parameters=[]), "spec.sources[0].helm.parameters"),
    ],
)
def test_foreign_fields_that_change_the_delivery_are_reported(change: Change, field: str) -> None:
    found = changed(_live(), change)
    assert foreign_fields(found, WANTED) == [field]
    assert field in ", ".join(application_problems(found, WANTED))
