"""A PostgreSQL server as staging's deploy leaves it, and statements that break it temporarily."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from delivery.verification.database import Login
from local.postgresql.installation import find_installation
from local.postgresql.server import Postgres
from local.runtime.certificates import certificates_of, issue
from local.runtime.ports import POSTGRESQL, assigned_ports
from local.runtime.process import Processes
from tests.cloud import new_state_folder

PASSWORD = 'it\'s "odd" \\ %40/:@?#'
ROLE, DATABASE, SIBLING = "mosaic_staging", "core_staging", "core_prod"


def login_of(port: int, *, user: str = ROLE, database: str = DATABASE) -> Login:
    return Login(host="127.0.0.1", port=port, user=user, password=PASSWORD, database=database, sslmode="require")


@contextmanager
def running_server() -> Iterator[Postgres]:
    """A server as staging's deploy leaves it, next to a sibling database that is still open to PUBLIC.

    It does not touch the process's own local cloud, which other tests may use.
    """
    state = new_state_folder()
    try:
        server = Postgres(
            state=state,
            port=assigned_ports(state, renew_internal=True)["postgresql"],
            installation=find_installation(state),
            certificates=issue(state),
        )
        Processes(state=state, certificates=server.certificates).start(server.part)
        with server.connect_as_superuser() as connection:
            literal = PASSWORD.replace("'", "''")
            connection.execute(f"CREATE ROLE {ROLE} LOGIN PASSWORD '{literal}'".encode())
        run(server, f"CREATE DATABASE {DATABASE} OWNER {ROLE}")
        run(server, f"REVOKE ALL ON DATABASE {DATABASE} FROM PUBLIC")
        run(server, f"CREATE DATABASE {SIBLING}")
        yield server
    finally:
        Processes(state=state, certificates=certificates_of(state)).stop((POSTGRESQL,))
        shutil.rmtree(state)


def run(server: Postgres, *statements: str) -> None:
    with server.connect_as_superuser() as connection:
        for statement in statements:
            connection.execute(statement.encode())


@contextmanager
def broken(server: Postgres, statement: str, undo: str) -> Iterator[None]:
    run(server, statement)
    try:
        yield
    finally:
        run(server, undo)


def address(server: Postgres) -> tuple[str, int]:
    return "127.0.0.1", server.port
