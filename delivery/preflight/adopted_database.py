"""Whether an adopted database is the role's: Terraform would change the owner of it alone, not of what is in it."""

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
    """Say whose the database is, where it is not the role's. connection: a session in it. Raises psycopg.Error."""
    names = target.names
    owner = _owner(connection)
    # An adopted database that was given away by hand is healed by the deploy, as its objects are still the role's.
    if owner == names.database_role or not _has_objects_of_others(connection, names.database_role):
        return None
    return (
        f"the database {names.database} belongs to {owner}, and {names.database_role} could use nothing that is in it; "
        f"first: make adopt ENV={target.environment.name} (docs/production.md)"
    )


def _has_objects_of_others(connection: psycopg.Connection, role: str) -> bool:
    """Whether a table, view or sequence of no extension belongs to another login."""
    return connection.execute(_OBJECTS_OF_OTHERS, [role]).fetchone() is not None


def _owner(connection: psycopg.Connection) -> str:
    row = connection.execute(
        "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = current_database()"
    ).fetchone()
    assert row is not None  # noqa: S101 the session is in it
    return str(row[0])
