"""A database that somebody else made for an environment is handed over to its deployer and planner."""

from collections.abc import Iterator

import psycopg
import pytest

from delivery.account.acting_login import log_in_as
from delivery.account.target import Target
from delivery.adoption.database_handover import DatabaseHandover
from delivery.adoption.database_ownership import DatabaseOwnership
from delivery.adoption.error import AdoptionError
from environments.schema.database import Database
from local.postgresql.server import ADMINISTRATOR, Postgres
from modules.model.acting_role import DEPLOY, PLAN
from modules.model.selected_settings import SETTINGS, SHARED
from tests.delivery.administered_account import administered_account
from tests.delivery.database_logins import delivery_roles
from tests.delivery.database_server import run, running_server

PASSWORD = "the password of the administrator"
DATABASE, ROLE = "stories", "stories_owner"
EXTENSIONS = ("pgcrypto", "vector")
STEP = DatabaseHandover()


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    """A server with an administrator like RDS's."""
    with running_server() as server:
        server.set_administrator(PASSWORD)
        yield server


@pytest.fixture(scope="module")
def aws(server: Postgres) -> Iterator[None]:
    with administered_account(server, PASSWORD):
        yield


def target_of() -> Target:
    database = Database(
        name=DATABASE, role=ROLE, credentials_path="mosaic/prod/core-api/database", extensions=EXTENSIONS
    )
    prod = SETTINGS.find("prod").model_copy(update={"database": database, "adopt": ("database", "database-role")})
    return Target.of(prod, SHARED, {})


@pytest.fixture
def target(aws: None, server: Postgres) -> Iterator[Target]:
    """Production, after bootstrap, without a database."""
    target = target_of()
    with delivery_roles(server, target):
        yield target
        run(server, f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)", f"DROP ROLE IF EXISTS {ROLE}")


@pytest.fixture
def made_before(target: Target, server: Postgres) -> Target:
    """The state that an earlier version left: the administrator made role and database, and closed it to PUBLIC."""
    as_administrator(
        server,
        f"CREATE ROLE {ROLE} LOGIN PASSWORD '{PASSWORD}'",
        f"GRANT {ROLE} TO {ADMINISTRATOR}",
        f"CREATE DATABASE {DATABASE} OWNER {ROLE}",
        f"REVOKE ALL ON DATABASE {DATABASE} FROM PUBLIC",
    )
    return target


def as_administrator(server: Postgres, *statements: str) -> None:
    with server.connect(user=ADMINISTRATOR, password=PASSWORD, database="postgres") as connection:
        for statement in statements:
            connection.execute(statement.encode())


def test_an_earlier_versions_objects_are_handed_over_once(server: Postgres, made_before: Target) -> None:
    names = made_before.names
    assert STEP.changes(made_before) == [
        f"grant {ROLE} to {names.database_deployer}, so that a deploy acts as its owner",
        f"let {names.database_planner} connect to {DATABASE}, so that a plan can read its grants",
        f"create the extension pgcrypto in {DATABASE}",
        f"create the extension vector in {DATABASE}",
    ]
    STEP.apply(made_before)
    assert STEP.changes(made_before) == []
    STEP.apply(made_before)
    with log_in_as(made_before, PLAN, application="test", database=DATABASE) as connection:
        found = {name for (name,) in connection.execute("SELECT extname FROM pg_extension")}
        assert set(EXTENSIONS) <= found
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("CREATE TABLE planned ()")


def test_after_the_handover_the_deployer_acts_as_the_owner(server: Postgres, made_before: Target) -> None:
    """Like Terraform, it alters the role, the database and the grants, and grants itself the role's privileges."""
    STEP.apply(made_before)
    deployer, planner = made_before.names.database_deployer, made_before.names.database_planner
    with log_in_as(made_before, DEPLOY, application="test", database=DATABASE) as connection:
        for statement in (
            f"ALTER ROLE {ROLE} PASSWORD 'another'",
            f"REVOKE {ROLE} FROM {deployer}",
            f"GRANT {ROLE} TO {deployer}",
            f"REVOKE ALL ON DATABASE {DATABASE} FROM PUBLIC",
            f"REVOKE ALL ON DATABASE {DATABASE} FROM {planner}",
            f"GRANT CONNECT ON DATABASE {DATABASE} TO {planner}",
            f"SET ROLE {ROLE}",
            "CREATE TABLE made_by_the_owner ()",
        ):
            connection.execute(statement.encode())
    assert STEP.changes(made_before) == []


def test_the_administrator_works_as_before(server: Postgres, made_before: Target) -> None:
    STEP.apply(made_before)
    with server.connect(user=ADMINISTRATOR, password=PASSWORD, database=DATABASE) as connection:
        connection.execute(f"SET ROLE {ROLE}".encode())


def test_the_deployers_own_objects_are_not_touched(server: Postgres, target: Target) -> None:
    """After a deploy, on a database copied from the template; the administrator still reaches it."""
    with log_in_as(target, DEPLOY, application="test") as connection:
        connection.autocommit = True
        for statement in (
            f"CREATE ROLE {ROLE}",
            f"GRANT {ROLE} TO {target.names.database_deployer}",
            f"CREATE DATABASE {DATABASE} OWNER {ROLE}",
            f"REVOKE ALL ON DATABASE {DATABASE} FROM PUBLIC",
            f"GRANT CONNECT ON DATABASE {DATABASE} TO {target.names.database_planner}",
        ):
            connection.execute(statement.encode())
    lacking = [f"create the extension {name} in {DATABASE}" for name in EXTENSIONS]
    assert STEP.changes(target) == lacking
    STEP.apply(target)
    assert STEP.changes(target) == []


def test_without_a_database_nothing_is_handed_over(target: Target) -> None:
    assert STEP.changes(target) == []
    STEP.apply(target)


def test_hand_made_objects_are_handed_over_once_the_role_owns_them(server: Postgres, target: Target) -> None:
    """In the order of ``adopt``'s steps."""
    as_administrator(server, f"CREATE DATABASE {DATABASE}")
    DatabaseOwnership().apply(target)
    assert STEP.changes(target)[0].startswith(f"grant {ROLE} to {target.names.database_deployer}")
    STEP.apply(target)
    assert STEP.changes(target) == []
    assert DatabaseOwnership().changes(target) == []


def test_a_role_the_administrator_may_not_grant_is_reported_and_nothing_changes(
    server: Postgres, made_before: Target
) -> None:
    run(server, f"REVOKE ADMIN OPTION FOR {ROLE} FROM {ADMINISTRATOR} CASCADE")
    run(server, f"GRANT {ROLE} TO {ADMINISTRATOR} WITH INHERIT TRUE")
    before = STEP.changes(made_before)
    with pytest.raises(AdoptionError, match=rf"^{DATABASE} is not handed over, and nothing has changed: permission"):
        STEP.apply(made_before)
    assert STEP.changes(made_before) == before


def test_before_bootstrap_the_handover_says_so(aws: None, server: Postgres) -> None:
    target = target_of()
    as_administrator(server, f"CREATE ROLE {ROLE}")
    try:
        with pytest.raises(
            AdoptionError,
            match=rf"^there is no database role {target.names.database_deployer} .*; first: make bootstrap$",
        ):
            STEP.changes(target)
    finally:
        run(server, f"DROP ROLE {ROLE}")
