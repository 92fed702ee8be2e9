"""AWS accounts (foreign, empty, or with a registry), and a database server as a deploy leaves it."""

from collections.abc import Callable, Iterator

import boto3
import pytest
from moto import mock_aws
from moto.backends import get_backend
from moto.moto_api._internal.models import moto_api_backend
from moto.server import ThreadedMotoServer

from delivery.account.target import Target
from delivery.images.registry import ImageRegistry
from delivery.verification.database import Login
from environments.schema.settings import Environment
from local.postgresql.server import Postgres
from modules.model.selected_settings import SETTINGS, SHARED
from tests.delivery.command_line import KEYS
from tests.delivery.controllers_part import ControllersPart
from tests.delivery.database_server import login_of, running_server
from tests.delivery.images.registry_contents import RegistryContents

# The environment that a test asks for: its name, and fields of its settings.
Account = Callable[..., ControllersPart]


@pytest.fixture
def empty_account() -> Iterator[str]:
    """The endpoint of an AWS where our account is empty."""
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
    """The endpoint of an AWS whose callers belong to a foreign account."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A server as staging's deploy leaves it, next to a sibling database that is still open to PUBLIC."""
    with running_server() as server:
        yield server


@pytest.fixture
def login(postgres: Postgres) -> Login:
    return login_of(postgres.port)


@pytest.fixture(scope="module")
def aws_clients() -> Iterator[dict[str, object]]:
    """An account's clients, by a target's names for them, because creating a client is slower than using it."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in KEYS.items():
            patch.setenv(name, value)
        with mock_aws():
            target = Target.of(SETTINGS.find("staging"), SHARED, {})
            yield {name: getattr(target, name) for name in ("acm", "ec2", "elbv2", "route53")}


@pytest.fixture
def account(aws_clients: dict[str, object]) -> Account:
    """Return a function that makes an account for an environment with these settings."""
    # The network is kept, because moto is slow to create one.
    for service in ("elbv2", "route53"):
        get_backend(service).reset()

    def of(name: str = "staging", **values: object) -> ControllersPart:
        settings = SETTINGS.find(name)
        fields = {field: getattr(settings, field) for field in Environment.model_fields}
        target = Target.of(Environment(**{**fields, **values}), SHARED, {})
        target.__dict__.update(aws_clients)
        return ControllersPart(target=target)

    return of


@pytest.fixture
def session() -> Iterator[boto3.Session]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in KEYS.items():
            patch.setenv(name, value)
        patch.setattr("moto.core.models.DEFAULT_ACCOUNT_ID", SHARED.account)
        patch.setenv("MOTO_ACCOUNT_ID", SHARED.account)
        with mock_aws():
            yield boto3.Session(region_name=SHARED.region)


@pytest.fixture
def contents(session: boto3.Session) -> RegistryContents:
    return RegistryContents(session.client("ecr"))


@pytest.fixture
def registry(session: boto3.Session, contents: RegistryContents) -> ImageRegistry:
    return ImageRegistry(session, SHARED)
