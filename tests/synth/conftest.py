"""Fixtures for tests of every environment, regardless of its delivery and whether it is paused."""

import pytest

from environments.schema.settings import Environment
from modules.model.selected_settings import SETTINGS
from tests import account
from tests.synth.synthesis import synthesize_bootstrap, synthesize_settings
from tests.synth.template import Template

# If Argo CD delivers, the chart makes the same objects: tests/delivery/gitops/test_helm_parity.py.
_WHOLE = {"delivery": "terraform", "paused": False}


@pytest.fixture
def settings(environment: str) -> Environment:
    """Each environment's settings in turn."""
    return SETTINGS.find(environment)


@pytest.fixture(scope="session")
def wholes(templates: dict[str, Template], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Template]:
    """Every environment with its workloads: its stack as if Terraform delivered it and it was not paused."""
    return {
        settings.name: templates[settings.name]
        if all(getattr(settings, name) == value for name, value in _WHOLE.items())
        else synthesize_settings(tmp_path_factory.mktemp(settings.name), settings.model_copy(update=_WHOLE))
        for settings in SETTINGS.load()
    }


@pytest.fixture
def whole(wholes: dict[str, Template], environment: str) -> Template:
    """Each environment with its workloads in turn (see ``wholes``)."""
    return wholes[environment]


@pytest.fixture(scope="session")
def designed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Template]:
    """Every environment's stack for the account as designed."""
    return {
        settings.name: synthesize_settings(tmp_path_factory.mktemp(settings.name), settings, account.SHARED)
        for settings in account.SETTINGS.load()
    }


@pytest.fixture(scope="session")
def designed_bootstrap(tmp_path_factory: pytest.TempPathFactory) -> Template:
    """The bootstrap stack of the account as designed, for staging."""
    return synthesize_bootstrap(tmp_path_factory.mktemp("bootstrap"), account.SETTINGS.find("staging"), account.SHARED)
