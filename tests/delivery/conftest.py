"""AWS accounts: one that is not ours, and ours with nothing in it; a database server as a deployment leaves it."""

from collections.abc import Iterator

import pytest
from moto.moto_api._internal.models import moto_api_backend
from moto.server import ThreadedMotoServer

from delivery.verification.database import Login
from local.postgresql.server import Postgres
from modules.model.selected_settings import SHARED
from tests.delivery.database_server import login_of, running_server


@pytest.fixture
def empty_account() -> Iterator[str]:
    """The endpoint of an AWS of our account that holds nothing."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("moto.core.models.DEFAULT_ACCOUNT_ID", SHARED.account)
        patch.setenv("MOTO_ACCOUNT_ID", SHARED.account)
        server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        server.start()
        host, port = server.get_host_and_port()
        yield f"http://{host}:{port}"
        server.stop()
        moto_api_backend.reset()


@pytest.fixture(scope="session")
def another_account() -> Iterator[str]:
    """The endpoint of an AWS whose callers are of an account that is not ours."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """As staging's deployment leaves it, beside a sibling's database that nobody has closed to PUBLIC yet."""
    with running_server() as server:
        yield server


@pytest.fixture
def login(postgres: Postgres) -> Login:
    return login_of(postgres.port)
