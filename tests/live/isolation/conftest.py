"""Both environments, each of them once as the one that reaches out and once as the one that is reached for."""

import pytest

from tests.live.isolation.side import Side
from tests.live.project import Project, Run

_PAIRS = {"staging": "prod", "prod": "staging"}


@pytest.fixture(scope="session")
def sides(project: Project, adopted: Run, deployed: Run) -> dict[str, Side]:
    return {environment: Side.of(project, environment) for environment in _PAIRS}


@pytest.fixture(params=_PAIRS)
def own(request: pytest.FixtureRequest, sides: dict[str, Side]) -> Side:
    """Each of the two in turn."""
    return sides[request.param]


@pytest.fixture
def other(own: Side, sides: dict[str, Side]) -> Side:
    """The one that it must not reach."""
    return sides[_PAIRS[own.settings.name]]
