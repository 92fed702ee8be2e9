"""A dump of made-up rows becomes the seed that previews are copied from, completely or not at all."""

from collections.abc import Iterator

import psycopg
import pytest

from delivery.account.acting_login import log_in_as
from delivery.account.target import Target
from delivery.preview.error import PreviewError
from delivery.preview.seed import Seed
from local.postgresql.server import ADMINISTRATOR, Postgres
from modules.model.acting_role import DEPLOY
from modules.model.names import preview_seed
from modules.model.selected_settings import SETTINGS, SHARED
from tests.delivery.administered_account import administered_account
from tests.delivery.database_logins import delivery_roles, making_template
from tests.delivery.database_server import run, running_server

PASSWORD = "the password of the administrator"
SEED = preview_seed(SHARED)
# The beginning and end of PostgreSQL 16.10's pg_dump --no-owner --no-privileges --inserts.
DUMP = """
\\restrict aB3
SET statement_timeout = 0;
SELECT pg_catalog.set_config('search_path', '', false);
CREATE TABLE public.stories (title text NOT NULL);
INSERT INTO public.stories VALUES ('invented');
\\unrestrict aB3
"""


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    """A server with an administrator like RDS's, and previews as bootstrap leaves them."""
    with running_server() as server:
        server.set_administrator(PASSWORD)
        with administered_account(server, PASSWORD):
            yield server


@pytest.fixture
def target(server: Postgres) -> Iterator[Target]:
    """A preview, after bootstrap with a seed."""
    target = Target.of(SETTINGS.find("preview-1"), SHARED, {})
    names = target.names
    with delivery_roles(server, target):
        as_administrator(
            server,
            *making_template(names),
            f"CREATE ROLE {SEED}",
            f"GRANT {SEED} TO {ADMINISTRATOR}",
            f"GRANT {SEED} TO {names.database_deployer} WITH ADMIN OPTION",
            f"CREATE DATABASE {SEED} IS_TEMPLATE true",
            f"REVOKE ALL ON DATABASE {SEED} FROM PUBLIC",
        )
        yield target
        for database in (names.database_template, SEED):
            run(server, f"ALTER DATABASE {database} IS_TEMPLATE false", f"DROP DATABASE {database}")
        run(server, f"DROP DATABASE IF EXISTS {names.database}", f"DROP ROLE IF EXISTS {names.database_role}")
        run(server, f"DROP ROLE {SEED}")


def as_administrator(server: Postgres, *statements: str) -> None:
    with server.connect(user=ADMINISTRATOR, password=PASSWORD, database="postgres") as connection:
        connection.autocommit = True
        for statement in statements:
            connection.execute(statement.encode())


def titles(server: Postgres) -> list[str]:
    with server.connect(user=ADMINISTRATOR, password=PASSWORD, database=SEED) as connection:
        connection.execute(f"SET ROLE {SEED}".encode())
        return [str(title) for (title,) in connection.execute("SELECT title FROM public.stories").fetchall()]


def beside(server: Postgres) -> list[str]:
    """Databases and roles with the seed's name as prefix."""
    with server.connect(user=ADMINISTRATOR, password=PASSWORD, database="postgres") as connection:
        found = connection.execute(
            "SELECT datname FROM pg_database WHERE datname LIKE %(like)s"
            " UNION ALL SELECT rolname FROM pg_roles WHERE rolname LIKE %(like)s",
            {"like": f"{SEED}%"},
        )
        return sorted(str(name) for (name,) in found)


def test_a_dump_replaces_the_rows_and_leaves_nothing_else(server: Postgres, target: Target) -> None:
    Seed(target).load(DUMP)
    assert titles(server) == ["invented"]
    Seed(target).load(DUMP.replace("invented", "newer"))
    assert titles(server) == ["newer"]
    assert beside(server) == [SEED, SEED]


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("INSERT INTO public.nowhere VALUES (1);", 'relation "public.nowhere" does not exist'),
        ("RESET ROLE; CREATE ROLE mosaic_preview_seed_thief;", "permission denied to create role"),
        (f"SET ROLE {ADMINISTRATOR};", "permission denied to set role"),
        ("\\copy stories from /etc/passwd", "syntax error"),
    ],
)
def test_a_dump_that_fails_changes_nothing(server: Postgres, target: Target, statement: str, said: str) -> None:
    Seed(target).load(DUMP)
    with pytest.raises(PreviewError) as raised:
        Seed(target).load(f"{DUMP.replace('invented', 'newer')}{statement}")
    assert said in str(raised.value)
    assert str(raised.value).endswith(f"{SEED} is unchanged")
    assert "\n" not in str(raised.value)
    assert titles(server) == ["invented"]
    assert beside(server) == [SEED, SEED]


def test_a_killed_runs_leftovers_do_not_get_in_the_way(server: Postgres, target: Target) -> None:
    as_administrator(
        server,
        f"CREATE DATABASE {SEED}_new",
        f"CREATE DATABASE {SEED}_old IS_TEMPLATE true",
        f"CREATE ROLE {SEED}_loader LOGIN",
        f"GRANT CONNECT ON DATABASE {SEED}_new TO {SEED}_loader",
    )
    Seed(target).load(DUMP)
    assert titles(server) == ["invented"]
    assert beside(server) == [SEED, SEED]


def test_without_a_seed_nothing_is_loaded(server: Postgres, target: Target) -> None:
    as_administrator(server, f"ALTER DATABASE {SEED} RENAME TO another")
    try:
        with pytest.raises(PreviewError, match=f"there is no {SEED} on the .*; allowed: previews=Previews"):
            Seed(target).load(DUMP)
    finally:
        as_administrator(server, f"ALTER DATABASE another RENAME TO {SEED}")


def test_a_previews_owner_reads_and_migrates_only_its_own_copy(server: Postgres, target: Target) -> None:
    """Like a preview's stack, it copies as the deployer, and makes the preview's role a member."""
    Seed(target).load(DUMP)
    names = target.names
    with log_in_as(target, DEPLOY, application="test") as connection:
        connection.autocommit = True
        for statement in (
            f"CREATE ROLE {names.database_role} LOGIN PASSWORD 'made up'",
            f"GRANT {names.database_role} TO {names.database_deployer}",
            f"GRANT {SEED} TO {names.database_role}",
            f"CREATE DATABASE {names.database} OWNER {names.database_role} TEMPLATE {SEED}",
            f"REVOKE ALL ON DATABASE {names.database} FROM PUBLIC",
        ):
            connection.execute(statement.encode())
    with server.connect(user=names.database_role, password="made up", database=names.database) as connection:
        connection.execute("ALTER TABLE stories ADD COLUMN told_by text")
        connection.execute("CREATE TABLE people (name text)")
        assert connection.execute("SELECT title, told_by FROM stories").fetchall() == [("invented", None)]
    for database in (SEED, names.database_template):
        with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
            server.connect(user=names.database_role, password="made up", database=database)
    assert titles(server) == ["invented"]
