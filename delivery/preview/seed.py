"""Loads a dump of invented rows into the database that seeded previews are copied from, or changes nothing."""

import re
import secrets
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress

import psycopg
from psycopg import sql

from delivery.account.administrator import log_in_as_administrator
from delivery.account.target import Target
from delivery.preview.error import PreviewError
from modules.model.names import preview_seed

_APPLICATION = "preview-seed"
# pg_dump 16.10 and newer wrap a dump in these psql commands, which the server does not know.
# https://www.postgresql.org/docs/release/16.10/
_OF_PSQL = re.compile(r"^\\(un)?restrict [A-Za-z0-9]+$", re.M)


class Seed:
    """The seed on an account's database server.

    target: any of its environments, whose extensions the seed has. Bootstrap creates the role and the database.
    """

    def __init__(self, target: Target) -> None:
        self._target = target
        self._name = preview_seed(target.shared)
        # They exist beside the seed until the new one is complete.
        self._new, self._old, self._loader = (f"{self._name}_{word}" for word in ("new", "old", "loader"))

    def load(self, dump: str) -> None:
        """Replace the seed with a dump's rows: SQL as ``pg_dump --no-owner --no-privileges --inserts`` writes it.

        Existing previews keep their rows. Raises PreviewError, and LoginError if the administrator cannot log in; the
        seed then is unchanged.
        """
        with closing(self._connect("postgres")) as server:
            server.autocommit = True
            self._check(server)
            self._clear(server)
            try:
                self._create(server)
                with self._loading(server) as connection:
                    connection.execute(_OF_PSQL.sub("", dump).encode())
                    connection.commit()
                self._replace(server)
            except psycopg.Error as error:
                raise PreviewError(f"{_words(error)}; {self._name} is unchanged") from None
            finally:
                self._clear(server)

    def _check(self, server: psycopg.Connection) -> None:
        found = server.execute(
            "SELECT FROM pg_database, pg_roles WHERE datname = %(name)s AND rolname = %(name)s", {"name": self._name}
        )
        if found.fetchone() is None:
            raise PreviewError(
                f"there is no {self._name} on the {self._target.shared.database_server.title}; allowed: "
                "previews=Previews(..., seeded=True) in environments/shared.py, then make bootstrap"
            )

    def _create(self, server: psycopg.Connection) -> None:
        """Copy a preview's empty template, and let the seed's role create the dump's objects in it."""
        template = self._target.names.database_template
        server.execute(_statement("CREATE DATABASE {} TEMPLATE {}", self._new, template))
        server.execute(_statement("REVOKE ALL ON DATABASE {} FROM PUBLIC", self._new))
        with closing(self._connect(self._new)) as inside:
            inside.execute(_statement("GRANT USAGE, CREATE ON SCHEMA public TO {}", self._name))
            inside.commit()

    @contextmanager
    def _loading(self, server: psycopg.Connection) -> Iterator[psycopg.Connection]:
        """A session in the new database as a login that is a member of the seed's role and of nothing else.

        Not as the administrator with SET ROLE: a statement of the dump could switch back to the administrator.
        """
        password = secrets.token_urlsafe(32)
        self._target.redaction.add(password)
        # The server gets only the hash, so that no statement log contains the password.
        stored = server.pgconn.encrypt_password(password.encode(), self._loader.encode(), b"scram-sha-256").decode()
        server.execute(
            sql.SQL("CREATE ROLE {} LOGIN PASSWORD {} IN ROLE {}").format(
                sql.Identifier(self._loader), sql.Literal(stored), sql.Identifier(self._name)
            )
        )
        server.execute(_statement("GRANT CONNECT ON DATABASE {} TO {}", self._new, self._loader))
        server.execute(_statement("ALTER ROLE {} SET role TO {}", self._loader, self._name))
        with closing(
            self._target.log_in(self._loader, password, database=self._new, application=_APPLICATION)
        ) as connection:
            yield connection

    def _replace(self, server: psycopg.Connection) -> None:
        """Both names change in one transaction: a preview is copied from the old or the new database."""
        with server.transaction():
            server.execute(_statement("ALTER DATABASE {} RENAME TO {}", self._name, self._old))
            server.execute(_statement("ALTER DATABASE {} RENAME TO {}", self._new, self._name))
        server.execute(_statement("ALTER DATABASE {} IS_TEMPLATE true", self._name))
        server.execute(_statement("ALTER DATABASE {} IS_TEMPLATE false", self._old))

    def _clear(self, server: psycopg.Connection) -> None:
        """Delete what this run or a killed one left beside the seed."""
        for database in (self._new, self._old):
            with suppress(psycopg.errors.InvalidCatalogName):
                server.execute(_statement("ALTER DATABASE {} IS_TEMPLATE false", database))
            server.execute(_statement("DROP DATABASE IF EXISTS {}", database))
        with suppress(psycopg.errors.UndefinedObject):
            # The permission to connect to a database that became the seed, if the run came that far.
            server.execute(_statement("REVOKE ALL ON DATABASE {} FROM {}", self._name, self._loader))
        server.execute(_statement("DROP ROLE IF EXISTS {}", self._loader))

    def _connect(self, database: str) -> psycopg.Connection:
        return log_in_as_administrator(self._target, application=_APPLICATION, database=database)


def _statement(text: str, *names: str) -> sql.Composed:
    return sql.SQL(text).format(*map(sql.Identifier, names))


def _words(error: psycopg.Error) -> str:
    """The server's message on one line."""
    return " ".join(str(error).split())
