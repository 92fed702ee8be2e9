"""Both environments, each of them once as the attacker and once as the target."""

import pytest

from tests.live.isolation.tenant import Tenant
from tests.live.project import Project, Run

_PAIRS = {"staging": "prod", "prod": "staging"}


@pytest.fixture(scope="session")
def tenants(project: Project, adopted: Run, deployed: Run) -> dict[str, Tenant]:
    return {environment: Tenant.of(project, environment) for environment in _PAIRS}


@pytest.fixture(params=_PAIRS)
def own(request: pytest.FixtureRequest, tenants: dict[str, Tenant]) -> Tenant:
    """The attacker: each of the two in turn."""
    return tenants[request.param]


@pytest.fixture
def other(own: Tenant, tenants: dict[str, Tenant]) -> Tenant:
    """The target, which the attacker must not reach."""
    return tenants[_PAIRS[own.settings.name]]
