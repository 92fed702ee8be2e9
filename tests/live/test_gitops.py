"""Staging moves from Terraform to Argo CD and back, pauses and resumes: nothing is lost or created twice.

The Application exists already, with a finalizer and options of others' own, which is the harder case.
"""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from lightkube.codecs import from_dict
from lightkube.resources.apps_v1 import Deployment
from lightkube.resources.core_v1 import Pod, Service
from lightkube.resources.networking_v1 import Ingress

from delivery.account.load_balancer import load_balancers
from environments.applications import CORE_API, WEB
from environments.schema.settings import BOOTSTRAP
from modules.model.names import Names
from tests.account import SETTINGS, SHARED
from tests.foreign_application import ANNOTATIONS, FINALIZER, foreign_application
from tests.live.argocd import applications, sync
from tests.live.data_snapshot import DataSnapshot
from tests.live.ingress_results import rules_of
from tests.live.project import Project, Run, changes

pytestmark = [pytest.mark.promise("Delivery"), pytest.mark.usefixtures("cloud")]
STAGING = Names.of(SETTINGS.find("staging"), SHARED)
_FILE = "environments/accounts/designed.py"
_OWN_GROUP = "mosaic-life-staging"
_STAGING = '"staging": {**_PLAIN, "adopt": False, '

With = Callable[[Mapping[str, object]], Project]


@pytest.fixture(scope="module")
def staging_with(project: Project, tmp_path_factory: pytest.TempPathFactory) -> With:
    """Creates a checkout in which staging has these settings on this account."""

    def copy(settings: Mapping[str, object]) -> Project:
        text = project.edited(_FILE, {_STAGING: f"{_STAGING}**{settings!r}, "})
        return project.copy(tmp_path_factory.mktemp("checkout") / "copy", {_FILE: text})

    return copy


def _pods(project: Project) -> dict[str, str]:
    """Return the uids of the namespace's pods by name; a new uid means that the pod was replaced."""
    return {
        str(pod.metadata.name): str(pod.metadata.uid)
        for pod in project.kubernetes.list(Pod, namespace=STAGING.namespace)
        if pod.metadata
    }


@pytest.fixture(scope="module")
def pods(project: Project, deployed: Run) -> dict[str, str]:
    """The pods that a change of delivery must not replace."""
    project.verify("staging").expect(0)
    found = _pods(project)
    assert found
    return found


@pytest.fixture(scope="module")
def data(project: Project, deployed: Run) -> DataSnapshot:
    """Staging's data, which must not be lost."""
    return DataSnapshot.of(project, STAGING)


@pytest.fixture(scope="module")
def foreign(project: Project, pods: dict[str, str]) -> dict[str, str]:
    """An Application of others with staging's name; returns the existing pods."""
    project.kubernetes.create(from_dict(foreign_application(SETTINGS.find("staging"))))
    return pods


def test_a_deploy_refuses_an_application_that_the_settings_do_not_adopt(
    staging_with: With, foreign: dict[str, str]
) -> None:
    said = staging_with({"delivery": "argocd"}).deploy("staging").expect(2).output
    assert "Application mosaic-life-staging exists but is not part of staging's stack" in said
    assert '"argocd-application" among the parts of adopt' in said


@pytest.fixture(scope="module")
def by_argocd(
    staging_with: With,
    helm: Path,
    foreign: dict[str, str],
    data: DataSnapshot,
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[Project, Run]:
    """Staging delivered by Argo CD, and the run that handed it over."""
    checkout = staging_with({"delivery": "argocd", "alb": "own", "adopt": ("argocd-application",)})
    # The same settings decide what the API server admits.
    checkout.deploy(BOOTSTRAP).expect(0)
    checkout.adopt("staging").expect(0).says(f"remove  finalizer {FINALIZER}")
    run = checkout.deploy("staging").expect(0).says("1 imported")
    assert _pods(checkout) == foreign
    sync(checkout, helm, tmp_path_factory.mktemp("values"), "staging")
    return checkout, run


def test_handing_over_to_argo_cd_destroys_nothing_and_replaces_no_pod(
    by_argocd: tuple[Project, Run], pods: dict[str, str], data: DataSnapshot
) -> None:
    checkout, run = by_argocd
    assert ", 0 destroyed." in run.output
    application = applications(checkout.kubernetes)[STAGING.instance]
    assert ANNOTATIONS.items() <= application["metadata"]["annotations"].items()
    assert "staging: " in checkout.verify("staging").expect(0).output
    assert _pods(checkout) == pods
    assert DataSnapshot.of(checkout, STAGING) == data


def test_argo_cd_and_terraform_do_not_change_each_others_objects(by_argocd: tuple[Project, Run]) -> None:
    checkout, _ = by_argocd
    assert changes(checkout.plan("staging")) == {}


def test_the_chart_gives_staging_a_load_balancer_of_its_own(by_argocd: tuple[Project, Run]) -> None:
    ingresses = by_argocd[0].kubernetes.list(Ingress, namespace=STAGING.namespace)
    annotations = {it.metadata.name: it.metadata.annotations or {} for it in ingresses if it.metadata}
    assert annotations.keys() == {WEB.name, CORE_API.name}
    for name, found in annotations.items():
        assert found["alb.ingress.kubernetes.io/group.name"] == _OWN_GROUP, name
        assert "Environment=staging" in found["alb.ingress.kubernetes.io/tags"], name


@pytest.fixture(scope="module")
def rules_by_argocd(by_argocd: tuple[Project, Run]) -> list[tuple[object, ...]]:
    """The rules that the controller created from the chart's ingresses, on staging's own load balancer."""
    checkout, _ = by_argocd
    checkout.verify("staging").expect(0)
    return _rules(checkout)


def _rules(project: Project) -> list[tuple[object, ...]]:
    return [(rule.priority, rule.conditions, rule.kind) for rule in rules_of(project, _OWN_GROUP)]


def test_a_deploy_refuses_to_create_what_argo_cd_delivers(project: Project, by_argocd: tuple[Project, Run]) -> None:
    said = project.deploy("staging").expect(2).output
    assert "Argo CD delivers staging (Application mosaic-life-staging)" in said
    assert "make adopt ENV=staging" in said


@pytest.fixture(scope="module")
def released(
    staging_with: With, by_argocd: tuple[Project, Run], rules_by_argocd: list[tuple[object, ...]]
) -> tuple[Project, Run]:
    """Staging without its Application, which had lost one of its objects, and the run that released it."""
    checkout = staging_with({"alb": "own"})
    checkout.kubernetes.delete(Service, WEB.name, namespace=STAGING.namespace)
    return checkout, checkout.adopt("staging").expect(0)


def test_releasing_an_application_imports_existing_resources_and_touches_no_pod(
    released: tuple[Project, Run], pods: dict[str, str], data: DataSnapshot
) -> None:
    checkout, run = released
    run.says("disable automated sync").says("import  kubernetes_deployment_v1.core_api_deployment")
    assert "kubernetes_service_v1.web_service" not in run.output
    assert applications(checkout.kubernetes) == {}
    assert _pods(checkout) == pods
    assert DataSnapshot.of(checkout, STAGING) == data
    checkout.adopt("staging").expect(0).says("Argo CD: nothing to do")


def test_the_deploy_after_the_release_creates_what_was_missing_and_replaces_no_pod(
    released: tuple[Project, Run],
    pods: dict[str, str],
    data: DataSnapshot,
    rules_by_argocd: list[tuple[object, ...]],
) -> None:
    """The deploy after the release creates what was missing and replaces no pod; the rules stay the same."""
    checkout, _ = released
    checkout.deploy("staging").expect(0).says("0 destroyed").says("1 added")
    checkout.verify("staging").expect(0)
    assert rules_by_argocd
    assert _rules(checkout) == rules_by_argocd
    assert _pods(checkout) == pods
    assert DataSnapshot.of(checkout, STAGING) == data
    assert changes(checkout.plan("staging")) == {}


@pytest.fixture(scope="module")
def paused(staging_with: With, released: tuple[Project, Run]) -> Project:
    """Staging, paused."""
    checkout = staging_with({"alb": "own", "paused": True})
    checkout.deploy("staging").expect(0)
    return checkout


def test_paused_staging_has_no_pods_and_no_ingresses_and_keeps_its_data(paused: Project, data: DataSnapshot) -> None:
    verified = paused.verify("staging").expect(0).says("ok   paused: no pod, no ingress")
    verified.says("ok   paused load balancer").says("ok   paused dns web")
    assert _OWN_GROUP not in {it.group for it in load_balancers(paused.client("elbv2"), SHARED.cluster)}
    assert list(paused.kubernetes.list(Deployment, namespace=STAGING.namespace)) == []
    assert list(paused.kubernetes.list(Ingress, namespace=STAGING.namespace)) == []
    assert DataSnapshot.of(paused, STAGING) == data


def test_one_deploy_resumes_paused_staging(project: Project, paused: Project, data: DataSnapshot) -> None:
    project.deploy(BOOTSTRAP).expect(0)
    project.deploy("staging").expect(0)
    project.verify("staging").expect(0)
    assert DataSnapshot.of(project, STAGING) == data
