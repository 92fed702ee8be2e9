"""A migration that cannot continue from the database's revision."""

from types import SimpleNamespace
from typing import Any, cast

import pytest

from delivery.account.error import AbsentError, CheckError
from delivery.account.target import Target
from delivery.preview.lost_revision import is_lost
from delivery.preview.slot_settings import of_claim
from modules.model.names import Names
from tests.delivery.preview.recorded import CATALOGUE, claim

ENVIRONMENT = of_claim(CATALOGUE.find("preview-1"), claim(), paused=False)
JOB = Names.of(ENVIRONMENT, CATALOGUE.shared).migration_job
PODS = "/api/v1/namespaces/mosaic-preview-1/pods"
LOST = "alembic.util.exc.CommandError: Can't locate revision identified by '6a4b21705b13'\n"
OTHER = "psycopg.errors.UndefinedColumn: column stories.title does not exist\n"


class ApiStandIn:
    """An API server with migration pods: phases and logs by name."""

    def __init__(self, **pods: tuple[str, str]) -> None:
        self._pods = pods

    def get(self, path: str) -> dict[str, Any]:
        assert path == f"{PODS}?labelSelector=job-name%3D{JOB}"
        return {
            "items": [
                {"metadata": {"name": name}, "status": {"phase": phase}} for name, (phase, _) in self._pods.items()
            ]
        }

    def text(self, path: str) -> str:
        return self._pods[path.removeprefix(f"{PODS}/").removesuffix("/log")][1]


def target(api: object) -> Target:
    return cast("Target", SimpleNamespace(shared=CATALOGUE.shared, kubernetes_api=api))


@pytest.mark.parametrize(
    ("pods", "lost"),
    [
        ({}, False),
        ({"a": ("Failed", LOST)}, True),
        ({"a": ("Failed", OTHER)}, False),
        ({"a": ("Failed", OTHER), "b": ("Failed", LOST)}, True),
        ({"a": ("Succeeded", LOST)}, False),
        ({"a": ("Running", LOST)}, False),
    ],
)
def test_only_alembics_own_message_counts(pods: dict[str, tuple[str, str]], *, lost: bool) -> None:
    assert is_lost(target(ApiStandIn(**pods)), ENVIRONMENT) is lost


def test_without_a_namespace_no_revision_is_lost_and_without_an_answer_it_is_unknown() -> None:
    class Failing:
        def __init__(self, error: Exception) -> None:
            self._error = error

        def get(self, _: str) -> dict[str, Any]:
            raise self._error

    assert not is_lost(target(Failing(AbsentError("there is no namespace"))), ENVIRONMENT)
    with pytest.raises(CheckError, match="no answer"):
        is_lost(target(Failing(CheckError("no answer"))), ENVIRONMENT)
