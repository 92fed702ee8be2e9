"""What somebody else made of an environment's database is its deployer's and planner's too.

The administrator, an earlier version of this project or ``DatabaseOwnership`` made the role and the database. Whoever
deploys has to act as their owner, whoever plans has to read the grants in the database, and only the administrator may
create the extensions that an existing database lacks: it is no copy of the template.
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

# What the roles of an environment are made by.
_FIRST = "make bootstrap"


class DatabaseHandover:
    """The step that hands over to the deployer and the planner what is there, in one transaction."""

    title = "database hand-over"

    def changes(self, target: Target) -> list[str]:
        """Return what would be done, a line each; nothing where nothing exists yet. Raises AdoptionError."""
        with _session(target) as connection:
            return [line for line, _ in _statements(target, connection)]

    def apply(self, target: Target) -> None:
        """Do it, whole or not at all. Raises AdoptionError."""
        with _session(target) as connection:
            for _, statement in [*_statements(target, connection)]:
                connection.execute(statement)


@contextmanager
def _session(target: Target) -> Iterator[psycopg.Connection]:
    """A session in the environment's database, or where there is none yet in the server's common one."""
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
    """Each thing to do, in words and as a statement."""
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
            raise AdoptionError(f"there is no database role {own}, to which this hands over; first: {_FIRST}")
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
    # Of an adopted one, what is in it comes with it (DatabaseOwnership).
    if lack.owner and not target.environment.adopts("database"):
        yield (
            f"give the database {names.database} of {lack.owner} to {names.database_role}",
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
