"""What the verification says of an Argo CD Application."""

import copy
from typing import Any

import pytest

from delivery.verification.argocd import application_problems, sync_problems
from modules.model.argocd_application import argocd_application
from modules.model.names import Names
from modules.model.selected_settings import SETTINGS, SHARED
from tests.delivery.verification.changes import Change, changed

STAGING = SETTINGS.find("staging")
WANTED = argocd_application(STAGING, SHARED, Names.of(STAGING, SHARED))


def _live() -> dict[str, Any]:
    """As the stack makes it, with the values that only the account knows, after a sync."""
    application = copy.deepcopy(WANTED)
    application["spec"]["sources"][1]["helm"]["values"] = "{}"
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
        (lambda it: it["spec"]["sources"][1].update(targetRevision="main"), "targetRevision is main, not develop"),
        (lambda it: it["spec"]["sources"][1]["helm"]["valueFiles"].reverse(), "valueFiles[0] is $values/environments"),
        (lambda it: it["spec"]["sources"].pop(0), "spec.sources is"),
        (lambda it: it["spec"].pop("syncPolicy"), "spec.syncPolicy is None"),
        (lambda it: it["spec"].update(source={}), "spec.source is {}, not None"),
        (lambda it: it["metadata"].update(finalizers=["resources-finalizer.argocd.argoproj.io"]), "has finalizers"),
    ],
)
def test_an_application_that_differs_is_named(change: Change, named: str) -> None:
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
def test_an_application_that_is_not_synced_and_healthy_is_named(change: Change, named: str) -> None:
    assert named in ", ".join(sync_problems(changed(_live(), change)))
