"""One database server for all who verify databases."""

from collections.abc import Iterator

import pytest

from delivery.verification.database import Login
from local.postgresql.server import Postgres
from tests.delivery.verification.database_server import login_of, running_server


@pytest.fixture(scope="session")
def server() -> Iterator[Postgres]:
    """As staging's deployment leaves it, beside a sibling's database that nobody has closed to PUBLIC yet."""
    with running_server() as started:
        yield started


@pytest.fixture
def login(server: Postgres) -> Login:
    return login_of(server.port)
