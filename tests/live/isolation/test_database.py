"""PostgreSQL: an environment's login reaches only its own database, alone, and can create nothing shared."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from psycopg import sql
from psycopg.rows import TupleRow

from tests.live.isolation.tenant import Tenant

pytestmark = pytest.mark.promise("Isolation")
# Belongs to the instance's superuser, who alone could close it; a test checks what can be done there.
TEMPLATE = "template1"
# RDS only: the server's own access list refuses everybody.
NOBODYS = "rdsadmin"
PROBE = "isolation_probe"
Session = psycopg.Connection[TupleRow]


def databases(own: Tenant) -> list[str]:
    """Return every database of the instance that accepts connections."""
    return [str(name) for (name,) in own.project.sql("SELECT datname FROM pg_database WHERE datallowconn ORDER BY 1")]


@contextmanager
def login(own: Tenant, database: str | None = None) -> Iterator[Session]:
    """Open a session with the environment's login in which each statement is its own transaction."""
    session = own.project.login(own.names.database_credentials, database or own.names.database)
    session.autocommit = True
    with session:
        yield session


def answer(session: Session, statement: str, **names: str) -> str:
    """Return ``refused`` for lack of permission, ``allowed``, or another error, which proves neither."""
    identifiers = {name: sql.Identifier(value) for name, value in names.items()}
    try:
        session.execute(sql.SQL(statement).format(**identifiers))
    except psycopg.errors.InsufficientPrivilege:
        return "refused"
    except psycopg.Error as error:
        return f"{type(error).__name__}: {error.diag.message_primary}"
    return "allowed"


@pytest.mark.read_only
def test_every_other_database_of_the_instance_refuses_the_login(own: Tenant, other: Tenant) -> None:
    names = databases(own)
    assert {own.names.database, other.names.database, "postgres"} <= set(names)
    admitted = []
    for name in names:
        if name in (own.names.database, TEMPLATE, NOBODYS):
            continue
        try:
            own.project.login(own.names.database_credentials, name).close()
        except psycopg.OperationalError as error:
            assert "permission denied for database" in str(error), error  # noqa: PT017
        else:
            admitted.append(name)
    assert not admitted, f"{own.names.database_role} is admitted by {', '.join(admitted)}"


@pytest.mark.read_only
def test_the_template_database_holds_nothing_to_read_and_refuses_to_create_anything(own: Tenant) -> None:
    with login(own, TEMPLATE) as session:
        tables = session.execute(
            "SELECT oid::regclass::text FROM pg_class WHERE relkind IN ('r', 'v', 'm', 'p', 'f')"
            " AND relnamespace::regnamespace::text NOT IN ('pg_catalog', 'information_schema', 'pg_toast')"
        ).fetchall()
        assert tables == []
        for statement in ("CREATE TABLE {probe} ()", "CREATE TEMPORARY TABLE {probe} ()", "CREATE SCHEMA {probe}"):
            assert answer(session, statement, probe=PROBE) == "refused", f"{TEMPLATE}: {statement}"


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE ROLE {probe}",
        "CREATE DATABASE {probe}",
        "ALTER ROLE {me} CREATEROLE",
        "ALTER ROLE {me} CREATEDB",
        "ALTER ROLE {other} PASSWORD 'taken'",
        "GRANT {other} TO {me}",
        "SET ROLE {other}",
        "SET SESSION AUTHORIZATION {other}",
        "GRANT pg_read_all_data TO {me}",
        "DROP DATABASE {others}",
        "ALTER DATABASE {others} OWNER TO {me}",
        "SELECT pg_read_file('postgresql.conf')",
        "COPY (SELECT 1) TO PROGRAM 'true'",
    ],
)
def test_the_login_can_neither_create_shared_objects_nor_use_those_of_others(
    own: Tenant, other: Tenant, statement: str
) -> None:
    others = {"me": own.names.database_role, "other": other.names.database_role, "others": other.names.database}
    with login(own) as session:
        found = answer(session, statement, probe=PROBE, **others)
    assert found == "refused", f"{own.names.database_role}: {statement}: {found}"


def test_the_login_can_neither_end_nor_read_the_other_environments_sessions(own: Tenant, other: Tenant) -> None:
    with login(other) as victim, login(own) as session:
        pid = str(victim.info.backend_pid)
        for call in ("pg_terminate_backend", "pg_cancel_backend"):
            assert answer(session, f"SELECT {call}({pid})") == "refused", f"{own.names.database_role}: {call}"
        seen = session.execute("SELECT query FROM pg_stat_activity WHERE pid = %s", [pid]).fetchall()
        assert seen == [("<insufficient privilege>",)]
        assert victim.execute("SELECT 1").fetchone() == (1,)


def test_the_login_creates_and_migrates_its_own_tables(own: Tenant) -> None:
    steps = (
        "CREATE TABLE {probe} (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY)",
        "ALTER TABLE {probe} ADD COLUMN title text NOT NULL DEFAULT ''",
        "CREATE INDEX ON {probe} (title)",
        "INSERT INTO {probe} (title) VALUES ('one')",
        "ALTER TABLE {probe} RENAME COLUMN title TO name",
        "UPDATE {probe} SET name = 'two'",
        "DROP TABLE {probe}",
        "CREATE SCHEMA {probe}",
        "DROP SCHEMA {probe}",
    )
    for step in steps:
        with login(own) as session:
            assert answer(session, step, probe=PROBE) == "allowed", f"{own.names.database_role}: {step}"
