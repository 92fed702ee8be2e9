"""Whether an adopted database is the role's: Terraform would change the owner of it alone, not of what is in it."""

import psycopg

from delivery.account.administrator import log_in_as_administrator
from delivery.account.target import Target


def problem(target: Target) -> str | None:
    """Say whose the database is, where it is not the role's. Raises AdministratorError or psycopg.Error."""
    names = target.names
    with log_in_as_administrator(target, application="deploy", database=names.database) as connection:
        owner = _owner(connection)
    if owner == names.database_role:
        return None
    return (
        f"the database {names.database} belongs to {owner}, and {names.database_role} could use nothing that is in it; "
        f"first: make adopt ENV={target.environment.name} (docs/production.md)"
    )


def _owner(connection: psycopg.Connection) -> str:
    row = connection.execute(
        "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = current_database()"
    ).fetchone()
    assert row is not None  # noqa: S101 the session is in it
    return str(row[0])
