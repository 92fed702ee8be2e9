"""Checks the owner of an adopted database: Terraform would change the database's owner, but not that of its objects."""

import psycopg

from delivery.account.target import Target

_OBJECTS_OF_OTHERS = """
    SELECT FROM pg_class
    WHERE relkind IN ('r', 'p', 'v', 'm', 'S', 'f') AND pg_get_userbyid(relowner) <> %s
    AND relnamespace::regnamespace::text NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
    AND NOT EXISTS (
        SELECT FROM pg_depend WHERE classid = 'pg_class'::regclass AND objid = pg_class.oid AND deptype = 'e'
    )
    LIMIT 1
"""


def problem(target: Target, connection: psycopg.Connection) -> str | None:
    """Say who owns the database if it is not the role. connection: a session in it. Raises psycopg.Error."""
    names = target.names
    owner = _owner(connection)
    # If only the database's owner was changed by hand, the deploy changes it back: the role still owns the objects.
    if owner == names.database_role or not _has_objects_of_others(connection, names.database_role):
        return None
    return (
        f"the database {names.database} belongs to {owner}, so {names.database_role} could not use anything in it; "
        f"first: make adopt ENV={target.environment.name} (docs/production.md)"
    )


def _has_objects_of_others(connection: psycopg.Connection, role: str) -> bool:
    """Whether another login owns a table, view or sequence that belongs to no extension."""
    return connection.execute(_OBJECTS_OF_OTHERS, [role]).fetchone() is not None


def _owner(connection: psycopg.Connection) -> str:
    row = connection.execute(
        "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = current_database()"
    ).fetchone()
    assert row is not None  # noqa: S101 the session is in it
    return str(row[0])
