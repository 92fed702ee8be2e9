"""The session's cloud with slots for previews beside its environments, and two of them deployed."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from environments.preview import preview
from environments.schema.document import DocumentCatalogue, SettingsDocument
from environments.schema.previews import Previews
from local.state import Cloud
from modules.model.names import Names
from modules.model.project import ROOT
from tests.account import SETTINGS, SHARED
from tests.bootstrap import bootstrap
from tests.live.isolation.tenant import Tenant
from tests.live.project import Project, Run

SLOTS = 3
SETTINGS_WITH_SLOTS = SettingsDocument(
    shared=SHARED.changed({"previews": Previews(repository="mosaic-stories/mosaic-life", slots=SLOTS)}),
    environments=(*map(preview, range(1, SLOTS + 1)), *SETTINGS.load()),
)
# Whoever reaches out, and for whom.
PAIRS = (
    ("preview-1", "preview-2"),
    ("preview-2", "preview-1"),
    ("preview-1", "staging"),
    ("preview-1", "prod"),
    ("staging", "preview-1"),
    ("prod", "preview-1"),
)


@pytest.fixture(scope="session")
def previews(
    project: Project, cloud: Cloud, adopted: Run, deployed: Run, tmp_path_factory: pytest.TempPathFactory
) -> Project:
    """The project where bootstrap has made the slots, once both environments that last are there."""
    file = tmp_path_factory.mktemp("previews") / "settings.json"
    file.write_text(SETTINGS_WITH_SLOTS.to_json())
    variables = {**project.variables, "MOSAIC_SETTINGS": str(file), "CDKTF_OUTPUT": str(file.parent / "cdktf.out")}
    bootstrap(variables)
    return Project(variables, lambda: project.kubernetes, ROOT, DocumentCatalogue(SETTINGS_WITH_SLOTS))


@pytest.fixture(scope="session")
def slots(previews: Project) -> dict[str, Run]:
    """Two slots, deployed side by side."""
    names = ("preview-1", "preview-2")
    with ThreadPoolExecutor() as pool:
        return {name: run.expect(0) for name, run in zip(names, pool.map(previews.deploy, names), strict=True)}


@pytest.fixture(scope="session")
def tenants(previews: Project, slots: dict[str, Run]) -> dict[str, Tenant]:
    return {
        name: Tenant(
            settings=previews.settings.find(name),
            names=Names.of(previews.settings.find(name), previews.settings.shared),
            project=previews,
        )
        for name in dict.fromkeys(own for own, _ in PAIRS)
    }


@pytest.fixture(params=PAIRS, ids="-".join)
def pair(request: pytest.FixtureRequest) -> tuple[str, str]:
    own, other = request.param
    return str(own), str(other)


@pytest.fixture
def own(pair: tuple[str, str], tenants: dict[str, Tenant]) -> Tenant:
    """The one that reaches out."""
    return tenants[pair[0]]


@pytest.fixture
def other(pair: tuple[str, str], tenants: dict[str, Tenant]) -> Tenant:
    """The one that it must not reach."""
    return tenants[pair[1]]
