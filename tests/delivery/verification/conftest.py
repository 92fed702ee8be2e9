"""The login that a verification of staging's database uses."""

import pytest

from delivery.verification.database import Login
from local.postgresql.server import Postgres
from tests.delivery.database_server import login_of


@pytest.fixture
def login(postgres: Postgres) -> Login:
    return login_of(postgres.port)
