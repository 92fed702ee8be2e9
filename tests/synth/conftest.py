"""What the tests of every environment ask, whoever delivers its workloads and whether they run."""

import pytest

from environments.schema.settings import Environment
from modules.model.selected_settings import SETTINGS
from tests import account
from tests.synth.synthesis import synthesize_bootstrap, synthesize_settings
from tests.synth.template import Template

# Where Argo CD delivers, the chart makes the same objects as these: tests/delivery/gitops/test_helm_parity.py.
_WHOLE = {"delivery": "terraform", "paused": False}


@pytest.fixture
def settings(environment: str) -> Environment:
    """The settings of each environment in turn."""
    return SETTINGS.find(environment)


@pytest.fixture(scope="session")
def wholes(templates: dict[str, Template], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Template]:
    """Every environment with its workloads: its stack, or what that would be if Terraform delivered them unpaused."""
    return {
        settings.name: templates[settings.name]
        if all(getattr(settings, name) == value for name, value in _WHOLE.items())
        else synthesize_settings(tmp_path_factory.mktemp(settings.name), settings.model_copy(update=_WHOLE))
        for settings in SETTINGS.load()
    }


@pytest.fixture
def whole(wholes: dict[str, Template], environment: str) -> Template:
    """Each environment in turn with its workloads (see ``wholes``)."""
    return wholes[environment]


@pytest.fixture(scope="session")
def designed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Template]:
    """Every environment's stack on the account as designed."""
    return {
        settings.name: synthesize_settings(tmp_path_factory.mktemp(settings.name), settings, account.SHARED)
        for settings in account.SETTINGS.load()
    }


@pytest.fixture(scope="session")
def designed_bootstrap(tmp_path_factory: pytest.TempPathFactory) -> Template:
    """The stack that prepares the account as designed, for staging."""
    return synthesize_bootstrap(tmp_path_factory.mktemp("bootstrap"), account.SETTINGS.find("staging"), account.SHARED)
