"""The account as built: both environments run there, created and delivered by others, and are adopted."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import pytest
from lightkube import Client, KubeConfig
from lightkube.resources.core_v1 import Pod

from local.clients.environment import variables
from modules.model.names import Names
from modules.model.selected_settings import settings_of
from tests.bootstrap import bootstrap
from tests.cloud import running_cloud
from tests.live.argocd import applications
from tests.live.data_snapshot import DataSnapshot
from tests.live.project import Project, Run, changes

pytestmark = [pytest.mark.promise("Adoption"), pytest.mark.stage("deploy")]
SETTINGS = settings_of("built")
NAMES = {name: Names.of(SETTINGS.find(name), SETTINGS.shared) for name in SETTINGS.lasting_names()}


@dataclass(frozen=True)
class Adoption:
    """What existed before, the runs that adopted it, and the deploys that were refused before."""

    project: Project
    data: DataSnapshot
    administrator: str
    neighbours: dict[str, str]
    refused: dict[str, Run]
    diagnosed: dict[str, Run]
    adopted: dict[str, Run]
    deployed: dict[str, Run]


def _neighbours(project: Project) -> dict[str, str]:
    """Return the uids, by name, of the neighbours' pods."""
    named = {neighbour.name for name in NAMES for neighbour in SETTINGS.find(name).neighbours}
    return {
        f"{names.namespace}/{pod.metadata.name}": str(pod.metadata.uid)
        for names in NAMES.values()
        for pod in project.kubernetes.list(Pod, namespace=names.namespace)
        if pod.metadata and (pod.metadata.labels or {}).get("app.kubernetes.io/name") in named
    }


def _administrator(project: Project) -> str:
    """Return a hash of the database administrator's stored login; a failure prints only the hash."""
    path = SETTINGS.shared.database_server.administrator_secret
    assert path
    return DataSnapshot.digest(project.client("secretsmanager"), path) or ""


@pytest.fixture(scope="module")
def adoption() -> Iterator[Adoption]:
    """Adopt and deploy both environments side by side, as the runbook says."""
    with running_cloud("built") as cloud:
        own = variables(cloud)
        client = Client(KubeConfig.from_file(own["KUBECONFIG"]))
        project = Project(own, lambda: client, settings=SETTINGS)
        bootstrap(project.variables)
        data, administrator = DataSnapshot.of(project, NAMES["prod"]), _administrator(project)
        neighbours = _neighbours(project)
        refused = {name: project.deploy(name) for name in NAMES}
        diagnosed = {name: project.doctor(name) for name in NAMES}

        def adopt(name: str) -> tuple[Run, Run]:
            prepared = project.adopt(name).expect(0)
            return prepared, project.deploy(name).expect(0)

        with ThreadPoolExecutor() as pool:
            runs = dict(zip(NAMES, pool.map(adopt, NAMES), strict=True))
        yield Adoption(
            project=project,
            data=data,
            administrator=administrator,
            neighbours=neighbours,
            refused=refused,
            diagnosed=diagnosed,
            adopted={name: prepared for name, (prepared, _) in runs.items()},
            deployed={name: deployed for name, (_, deployed) in runs.items()},
        )


@pytest.mark.parametrize("environment", NAMES)
def test_a_deploy_before_the_adoption_is_refused(adoption: Adoption, environment: str) -> None:
    adoption.refused[environment].expect(2).says(f"make adopt ENV={environment}")


@pytest.mark.parametrize("environment", NAMES)
def test_the_doctor_reports_only_what_the_adoption_resolves(adoption: Adoption, environment: str) -> None:
    said = adoption.diagnosed[environment].expect(1).output.splitlines()
    rows = [line.removeprefix("in the way").strip().split("  ")[0] for line in said if line.startswith("in the way")]
    assert rows
    assert set(rows) <= {"Argo CD delivery", "database's owner", f"database role {NAMES[environment].database_role}"}


@pytest.mark.parametrize("environment", NAMES)
def test_adoption_destroys_and_replaces_nothing(adoption: Adoption, environment: str) -> None:
    adoption.deployed[environment].says(" 0 destroyed")


@pytest.mark.parametrize("environment", NAMES)
def test_an_adopted_environment_passes_verify(adoption: Adoption, environment: str) -> None:
    adoption.project.verify(environment).expect(0)


@pytest.mark.parametrize("environment", NAMES)
def test_the_plan_after_the_adoption_is_empty(adoption: Adoption, environment: str) -> None:
    assert changes(adoption.project.plan(environment)) == {}


@pytest.mark.parametrize("environment", NAMES)
def test_a_second_adoption_has_nothing_to_do(adoption: Adoption, environment: str) -> None:
    run = adoption.project.adopt(environment).expect(0)
    run.says("database ownership: nothing to do")
    run.says("Argo CD: nothing to do")


def test_adoption_deletes_the_argo_cd_applications_without_their_workloads(adoption: Adoption) -> None:
    assert applications(adoption.project.kubernetes) == {}


def test_adoption_replaces_no_pod_of_a_neighbour(adoption: Adoption) -> None:
    assert adoption.neighbours
    assert _neighbours(adoption.project) == adoption.neighbours


def test_production_keeps_every_object_row_secret_and_identity(adoption: Adoption) -> None:
    """Production keeps every object, row, secret and identity; only the owner of its database changes."""
    before, now = adoption.data, DataSnapshot.of(adoption.project, NAMES["prod"])
    assert before.objects
    assert before.rows
    assert replace(now.without_new_secrets(before), owner=before.owner) == before
    assert [row[0] for row in now.owner] == [row[0] for row in before.owner]


def test_adoption_keeps_the_administrators_login_and_gives_the_application_its_own(adoption: Adoption) -> None:
    assert _administrator(adoption.project) == adoption.administrator
    own = adoption.project.secret(NAMES["prod"].database_credentials)
    assert (own["username"], own["dbname"]) == (NAMES["prod"].database_role, NAMES["prod"].database)
