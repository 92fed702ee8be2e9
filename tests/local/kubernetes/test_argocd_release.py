"""Each step that prepares an Argo CD Application for its workloads' new owner, on a real API server."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from lightkube import ApiError, Client
from lightkube.codecs import from_dict
from lightkube.models.meta_v1 import ObjectMeta
from lightkube.resources.core_v1 import ConfigMap, Namespace
from lightkube.types import PatchType

from delivery.account.target import Target
from delivery.adoption import argocd_release
from delivery.adoption.argocd_release import ArgocdRelease
from delivery.adoption.error import AdoptionError
from delivery.recovery.search import Search
from delivery.recovery.stack import Stack
from delivery.verification.argocd import Application, application_problems
from environments.schema.settings import Environment
from modules.model.argocd_application import argocd_application
from modules.model.names import Names
from tests.account import SHARED
from tests.foreign_application import ANNOTATIONS, FINALIZER, IGNORED, foreign_application
from tests.unit.environments.example import environment

ADOPTED = environment({"delivery": "argocd", "adopt": ("argocd-application",)})
NAMES = Names.of(ADOPTED, SHARED)
PLACE = SHARED.argocd.namespace


def target_of(settings: Environment, kubernetes: Client) -> Target:
    target = Target.of(settings, SHARED, {})
    vars(target)["kubernetes"] = kubernetes
    return target


@pytest.fixture
def target(kubernetes: Client) -> Target:
    return target_of(ADOPTED, kubernetes)


@pytest.fixture
def application(kubernetes: Client) -> Iterator[None]:
    """An Application created by others, for one test."""
    kubernetes.create(from_dict(foreign_application(ADOPTED)), field_manager="kubectl-create")
    yield
    with suppress(ApiError):
        change(kubernetes, {"metadata": {"finalizers": None}})
        kubernetes.delete(Application, NAMES.instance, namespace=PLACE)


def read(kubernetes: Client) -> dict[str, Any]:
    found: Any = kubernetes.get(Application, NAMES.instance, namespace=PLACE)
    manifest: dict[str, Any] = found.to_dict()
    return manifest


def change(kubernetes: Client, patch: dict[str, Any]) -> None:
    kubernetes.patch(Application, NAMES.instance, patch, namespace=PLACE, patch_type=PatchType.MERGE)


@pytest.mark.usefixtures("application")
def test_the_stacks_manifest_applied_over_a_foreign_application(target: Target, kubernetes: Client) -> None:
    """Lists come only from the stack; fields that it does not name stay, and only the finalizer does harm."""
    wanted = argocd_application(ADOPTED, SHARED, NAMES)
    kubernetes.apply(from_dict(wanted), field_manager="Terraform", force=True)
    found = read(kubernetes)
    for field in ("sources", "project", "destination"):
        assert found["spec"][field] == wanted["spec"][field]
    assert found["spec"]["syncPolicy"]["syncOptions"] == ["ServerSideApply=true", "PruneLast=true"]
    assert found["spec"]["ignoreDifferences"] == IGNORED
    assert ANNOTATIONS.items() <= found["metadata"]["annotations"].items()
    assert application_problems(found, wanted) == [
        "it has finalizers, so deleting it would delete the workloads; make adopt removes the finalizers"
    ]
    step = ArgocdRelease()
    assert step.changes(target) == [f"remove  finalizer {FINALIZER} of Application {NAMES.instance}"]
    step.apply(target)
    assert step.changes(target) == []
    assert application_problems(read(kubernetes), wanted) == []


@pytest.mark.usefixtures("application")
def test_a_foreign_finalizer_stays(target: Target, kubernetes: Client) -> None:
    change(kubernetes, {"metadata": {"finalizers": [f"{FINALIZER}/background", "example.org/theirs"]}})
    ArgocdRelease().apply(target)
    assert read(kubernetes)["metadata"]["finalizers"] == ["example.org/theirs"]


@pytest.mark.usefixtures("application")
def test_an_application_that_the_settings_do_not_adopt_is_left_alone(kubernetes: Client) -> None:
    target = target_of(environment({"delivery": "argocd"}), kubernetes)
    before = read(kubernetes)
    assert ArgocdRelease().changes(target) == []
    ArgocdRelease().apply(target)
    assert read(kubernetes) == before


@pytest.mark.usefixtures("application")
def test_fields_that_the_stacks_manifest_would_keep_are_refused(target: Target, kubernetes: Client) -> None:
    pointers = [{**IGNORED[0], "jsonPointers": ["/spec/template"]}]
    change(kubernetes, {"spec": {"ignoreDifferences": pointers}})
    with pytest.raises(AdoptionError, match=r"would keep: spec\.ignoreDifferences; remove them"):
        ArgocdRelease().apply(target)


@pytest.mark.usefixtures("application")
def test_an_application_of_an_application_set_is_refused(kubernetes: Client, target: Target) -> None:
    made = kubernetes.create(ConfigMap(metadata=ObjectMeta(name="set", namespace=PLACE)))
    assert made.metadata
    owner = {"apiVersion": "v1", "kind": "ConfigMap", "name": "set", "uid": made.metadata.uid}
    change(kubernetes, {"metadata": {"ownerReferences": [owner]}})
    with pytest.raises(AdoptionError, match="belongs to ConfigMap set, which would restore it; delete that first"):
        ArgocdRelease().changes(target)
    change(kubernetes, {"metadata": {"ownerReferences": None}})
    kubernetes.delete(ConfigMap, "set", namespace=PLACE)


@pytest.mark.usefixtures("application")
def test_disable_sync_waits_for_a_running_sync(
    target: Target, kubernetes: Client, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    change(kubernetes, {"operation": {"sync": {}}, "status": {"operationState": {"phase": "Running"}}})
    pauses = []

    def end(seconds: float) -> None:
        pauses.append(seconds)
        # As in Argo CD: first the operation disappears, then the status reports its end.
        ended = {"operation": None} if len(pauses) == 1 else {"status": {"operationState": {"phase": "Succeeded"}}}
        change(kubernetes, ended)

    monkeypatch.setattr("delivery.adoption.argocd_release.time.sleep", end)
    argocd_release.disable_sync(target)
    assert len(pauses) == 2
    assert "automated" not in read(kubernetes)["spec"]["syncPolicy"]
    assert f"the sync of Application {NAMES.instance} is still running" not in capsys.readouterr().out


@pytest.mark.usefixtures("application")
def test_the_error_for_an_endless_sync_says_how_to_end_it(
    target: Target, kubernetes: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    change(kubernetes, {"status": {"operationState": {"phase": "Running"}}})
    monkeypatch.setattr(argocd_release, "_PATIENCE_SECONDS", -1)
    with pytest.raises(AdoptionError, match=f"argocd app terminate-op {NAMES.instance}"):
        argocd_release.disable_sync(target)


@pytest.mark.usefixtures("application")
def test_an_application_that_still_syncs_or_has_a_finalizer_is_not_deleted(target: Target, kubernetes: Client) -> None:
    with pytest.raises(AdoptionError, match="deleting it could delete its workloads; it stays"):
        argocd_release.delete(target)
    change(kubernetes, {"metadata": {"finalizers": None}})
    with pytest.raises(AdoptionError, match="deleting it could delete its workloads; it stays"):
        argocd_release.delete(target)
    argocd_release.disable_sync(target)
    argocd_release.delete(target)
    with pytest.raises(ApiError):
        read(kubernetes)
    # Nothing is left to do, and that is no error.
    argocd_release.delete(target)
    argocd_release.disable_sync(target)
    assert ArgocdRelease().changes(target) == []


@pytest.mark.usefixtures("application")
def test_a_run_interrupted_at_the_import_leaves_the_workloads_safe_and_can_be_continued(
    kubernetes: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = target_of(environment({"delivery": "terraform"}), kubernetes)
    monkeypatch.setattr(argocd_release, "_synthesize", lambda _: None)
    monkeypatch.setattr(argocd_release, "_inventory", lambda *_: None)

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(argocd_release, "_import", interrupt)
    with pytest.raises(KeyboardInterrupt):
        ArgocdRelease().apply(target)
    left = read(kubernetes)
    assert "automated" not in left["spec"]["syncPolicy"]
    assert "finalizers" not in left["metadata"]
    seen = []
    monkeypatch.setattr(argocd_release, "_import", lambda *_: seen.append(read(kubernetes)["metadata"]["uid"]))
    ArgocdRelease().apply(target)
    assert seen == [left["metadata"]["uid"]]
    with pytest.raises(ApiError):
        read(kubernetes)


@pytest.mark.usefixtures("application")
def test_a_paused_environment_is_not_released(kubernetes: Client) -> None:
    before = read(kubernetes)
    target = target_of(environment({"paused": True}), kubernetes)
    for act in (ArgocdRelease().changes, ArgocdRelease().apply):
        with pytest.raises(AdoptionError, match="test is paused, so its stack lacks workloads and cannot import them"):
            act(target)
    assert read(kubernetes) == before


def test_a_workload_missing_from_the_stack_is_named(kubernetes: Client) -> None:
    target = target_of(environment(), kubernetes)
    place = target.names.namespace
    kubernetes.create(Namespace(metadata=ObjectMeta(name=place)))
    metadata = {"namespace": place, "labels": {"app.kubernetes.io/instance": target.names.instance}}
    account = {"apiVersion": "v1", "kind": "ServiceAccount"}
    for name in ("web", "core-api", "default-of-others"):
        kubernetes.create(from_dict({**account, "metadata": {**metadata, "name": name}}))
    content: dict[str, Any] = {"resource": {"kubernetes_service_account_v1": {"core_api_account": {}}}}
    search = Search(target=target, stack=Stack(folder=Path(), content=content), application=target.names.instance)
    assert list(argocd_release.left_behind(search)) == [
        "leave   ServiceAccount web: it exists, but the stack has none; delete it, or add it to the settings"
    ]
    kubernetes.delete(Namespace, place)
