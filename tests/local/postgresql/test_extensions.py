"""Who may create which extension, as on RDS: an owner only trusted ones, the administrator also vector."""

from collections.abc import Iterator
from contextlib import closing

import psycopg
import pytest
from psycopg import sql
from psycopg.errors import InsufficientPrivilege

from local.postgresql.installation import BIN_VARIABLE, find_installation
from local.postgresql.server import Postgres
from local.runtime.certificates import issue
from local.runtime.ports import assigned_ports
from local.runtime.process import Processes
from tests.cloud import environment_variables, state_of_its_own

PASSWORD = "the password of both"
TRUSTED = ("uuid-ossp", "pg_trgm")
# Terraform's provider copies the first one, `createdb` the second.
TEMPLATES = ("template0", "template1")


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    with environment_variables({BIN_VARIABLE: ""}), state_of_its_own() as state:
        server = Postgres(
            state=state,
            port=assigned_ports(state, renew_internal=True)["postgresql"],
            installation=find_installation(state),
            certificates=issue(state),
        )
        Processes(state=state, certificates=server.certificates).start(server.part)
        server.set_administrator(PASSWORD)
        with closing(administrator(server, "postgres")) as connection:
            connection.execute(sql.SQL("CREATE ROLE owner LOGIN PASSWORD {}").format(sql.Literal(PASSWORD)))
            connection.execute("GRANT owner TO mosaicadmin")
        yield server


@pytest.fixture(params=TEMPLATES)
def database(postgres: Postgres, request: pytest.FixtureRequest) -> Iterator[str]:
    """A database of ``owner``, created by the administrator."""
    with closing(administrator(postgres, "postgres")) as connection:
        connection.execute(f"CREATE DATABASE core OWNER owner TEMPLATE {request.param}".encode())
    yield "core"
    with closing(administrator(postgres, "postgres")) as connection:
        connection.execute("DROP DATABASE core")


def administrator(postgres: Postgres, database: str) -> psycopg.Connection:
    return postgres.connect(user="mosaicadmin", password=PASSWORD, database=database)


def owner(postgres: Postgres, database: str) -> psycopg.Connection:
    return postgres.connect(user="owner", password=PASSWORD, database=database)


def test_owner_creates_the_trusted_ones(postgres: Postgres, database: str) -> None:
    with closing(owner(postgres, database)) as connection:
        for extension in TRUSTED:
            connection.execute(sql.SQL("CREATE EXTENSION {}").format(sql.Identifier(extension)))
        row = connection.execute("SELECT similarity('mosaic', 'mosaik') > 0.5, uuid_generate_v4()").fetchone()
    assert row is not None
    assert row[0] is True


def test_owner_is_refused_vector(postgres: Postgres, database: str) -> None:
    with closing(owner(postgres, database)) as connection:
        with pytest.raises(InsufficientPrivilege, match='denied to create extension "vector"'):
            connection.execute("CREATE EXTENSION vector")
        assert connection.execute("SELECT FROM pg_extension WHERE extname = 'vector'").fetchone() is None
        with pytest.raises(InsufficientPrivilege):
            connection.execute("ALTER EVENT TRIGGER rds_extension_guard DISABLE")
        with pytest.raises(InsufficientPrivilege):
            connection.execute("DROP EVENT TRIGGER rds_extension_guard")


def test_administrator_in_the_owners_role_is_refused_vector(postgres: Postgres, database: str) -> None:
    with closing(administrator(postgres, database)) as connection:
        connection.execute("SET ROLE owner")
        with pytest.raises(InsufficientPrivilege):
            connection.execute("CREATE EXTENSION vector")


def test_owner_uses_the_vector_that_the_administrator_created(postgres: Postgres, database: str) -> None:
    with closing(administrator(postgres, database)) as connection:
        connection.execute("CREATE EXTENSION vector")
    with closing(owner(postgres, database)) as connection:
        # As the application's first migration does.
        connection.execute("CREATE EXTENSION IF NOT EXISTS vector")
        connection.execute("CREATE TABLE memory (embedding vector(3))")
        connection.execute("CREATE INDEX ON memory USING hnsw (embedding vector_l2_ops)")
        distance = connection.execute("SELECT '[1,2,3]'::vector <-> '[1,2,5]'::vector").fetchone()
    assert distance == (2.0,)
    with closing(administrator(postgres, database)) as connection:
        connection.execute("DROP EXTENSION vector CASCADE")


@pytest.mark.parametrize("extension", ["pg_stat_statements", "file_fdw", "plpython3u", "adminpack"])
def test_administrator_is_refused_other_untrusted_ones(postgres: Postgres, database: str, extension: str) -> None:
    with closing(administrator(postgres, database)) as connection, pytest.raises(InsufficientPrivilege):
        connection.execute(sql.SQL("CREATE EXTENSION {}").format(sql.Identifier(extension)))


def test_the_guard_adds_no_objects_to_the_database(postgres: Postgres, database: str) -> None:
    with closing(owner(postgres, database)) as connection:
        schemas = connection.execute(
            "SELECT nspname FROM pg_namespace WHERE nspname NOT LIKE 'pg\\_%' ORDER BY 1"
        ).fetchall()
        functions = connection.execute(
            "SELECT FROM pg_proc p JOIN pg_namespace n ON n.oid = pronamespace WHERE nspname = 'public'"
        ).fetchall()
    assert schemas == [("information_schema",), ("public",)]
    assert functions == []
