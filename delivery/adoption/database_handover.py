"""Gives an environment's deployer and planner access to a database and role that they did not create.

The administrator, an earlier version of this project or ``DatabaseOwnership`` created the role and the database. The
deployer must be able to act as their owner, and the planner must read the grants in the database. Only the
administrator can create the extensions that an existing database lacks, because it is not a copy of the template.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import sql

from delivery.account.administrator import log_in_as_administrator
from delivery.account.stored_login import LoginError
from delivery.account.target import Target
from delivery.adoption.error import AdoptionError
from delivery.preflight.database_handover import Lack

# The command that creates an environment's roles.
_FIRST = "make bootstrap"


class DatabaseHandover:
    """The step that gives the deployer and the planner access to existing objects, in one transaction."""

    title = "database hand-over"

    def changes(self, target: Target) -> list[str]:
        """Return the planned changes, one a line; empty if neither role nor database exists. Raises AdoptionError."""
        with _session(target) as connection:
            return [line for line, _ in _statements(target, connection)]

    def apply(self, target: Target) -> None:
        """Apply the changes, all or nothing. Raises AdoptionError."""
        with _session(target) as connection:
            for _, statement in [*_statements(target, connection)]:
                connection.execute(statement)


@contextmanager
def _session(target: Target) -> Iterator[psycopg.Connection]:
    """A session in the environment's database, or in the server's default one if it does not exist yet."""
    database = target.names.database
    try:
        with log_in_as_administrator(target, application="adopt") as connection:
            exists = _has(connection, "SELECT FROM pg_database WHERE datname = %s", database)
        with log_in_as_administrator(
            target, application="adopt", database=database if exists else "postgres"
        ) as connection:
            yield connection
    except LoginError as error:
        raise AdoptionError(str(error)) from None
    except psycopg.Error as error:
        raise AdoptionError(f"{database} is not handed over, and nothing has changed: {error}") from None


def _statements(target: Target, connection: psycopg.Connection) -> Iterator[tuple[str, sql.Composed]]:
    """Each change, in words and as a statement."""
    names = target.names
    role, deployer, planner, database = map(
        sql.Identifier, (names.database_role, names.database_deployer, names.database_planner, names.database)
    )
    in_database = connection.info.dbname == names.database
    has_role = _has(connection, "SELECT FROM pg_roles WHERE rolname = %s", names.database_role)
    if not (in_database or has_role):
        return
    for own in (names.database_deployer, names.database_planner):
        if not _has(connection, "SELECT FROM pg_roles WHERE rolname = %s", own):
            raise AdoptionError(f"there is no database role {own} to hand over to; first: {_FIRST}")
    lack = Lack.of(connection, names)
    if lack.role:
        yield (
            f"grant {names.database_role} to {names.database_deployer}, so that a deploy acts as its owner",
            sql.SQL("GRANT {} TO {} WITH ADMIN TRUE, INHERIT TRUE, SET TRUE").format(role, deployer),
        )
    if lack.planner:
        yield (
            f"let {names.database_planner} connect to {names.database}, so that a plan can read its grants",
            sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(database, planner),
        )
    # For an adopted database, DatabaseOwnership changes the owner together with its contents.
    if lack.owner and not target.environment.adopts("database"):
        yield (
            f"transfer the database {names.database} from {lack.owner} to {names.database_role}",
            sql.SQL("ALTER DATABASE {} OWNER TO {}").format(database, role),
        )
    for extension in target.environment.database.extensions if in_database else ():
        if not _has(connection, "SELECT FROM pg_extension WHERE extname = %s", extension):
            yield (
                f"create the extension {extension} in {names.database}",
                sql.SQL("CREATE EXTENSION IF NOT EXISTS {}").format(sql.Identifier(extension)),
            )


def _has(connection: psycopg.Connection, query: str, name: str) -> bool:
    return connection.execute(query.encode(), [name]).fetchone() is not None
