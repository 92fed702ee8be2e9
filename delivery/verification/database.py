"""Checks that only its own role reaches the database, over TLS, and that no other database admits that role."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, LiteralString
from urllib.parse import parse_qs, unquote, urlsplit

import psycopg

from delivery.account.error import CheckError
from delivery.account.target import Target
from delivery.verification.check import Caution, Check
from modules.model.names import Names, seed_of
from modules.model.selected_settings import SETTINGS

_SECRET, _KEY = "database-credentials", "DB_URL"
_SHAPE = "postgresql+psycopg://USER:PASSWORD@HOST:PORT/DBNAME?sslmode=require"
_CONNECT_SECONDS = 5
_STATEMENT_MILLISECONDS = 5000
# The database that every instance has; on RDS, as here, the administrator owns it.
_COMMON = "postgres"
# PUBLIC's default privileges on a database: https://www.postgresql.org/docs/current/ddl-priv.html
_DEFAULT = frozenset({"CONNECT", "TEMPORARY"})
_ATTRIBUTES = ("SUPERUSER", "CREATEDB", "CREATEROLE", "REPLICATION", "BYPASSRLS")


@dataclass(frozen=True, kw_only=True, repr=False)
class Login:
    """The content of DB_URL."""

    host: str
    port: int
    user: str
    password: str
    database: str
    sslmode: str

    @classmethod
    def read(cls, target: Target) -> "Login":
        """Return the pods' login. Raises CheckError if there is none or the URL is malformed."""
        url = target.namespace.read_secret(_SECRET).get(_KEY)
        if not url:
            raise CheckError(f"the Secret {_SECRET} has no {_KEY}")
        login = cls.parse(url)
        target.redaction.add(login.password)
        return login

    @classmethod
    def parse(cls, url: str) -> "Login":
        """Return the parts of a URL. Raises CheckError without quoting it: any part may hold the password."""
        problem = CheckError(f"{_KEY} is not of the form {_SHAPE}")
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            raise problem from None
        sslmode = parse_qs(parts.query).get("sslmode", [""])[-1]
        if parts.scheme != "postgresql+psycopg" or not (
            parts.hostname and port and parts.username and parts.password and parts.path.strip("/") and sslmode
        ):
            raise problem
        return cls(
            host=parts.hostname,
            port=port,
            user=unquote(parts.username),
            password=unquote(parts.password),
            database=unquote(parts.path[1:]),
            sslmode=sslmode,
        )

    def connect(self, database: str | None = None) -> psycopg.Connection:
        """Log in as the pods do, to their database or another one."""
        return psycopg.connect(
            host=self.host,
            port=self.port,
            user=self.user,
            password=self.password,
            dbname=database or self.database,
            sslmode=self.sslmode,
            # The pods have no PGSSLROOTCERT, so one in the caller's shell must not affect this check.
            sslrootcert="",
            connect_timeout=_CONNECT_SECONDS,
            options=f"-c statement_timeout={_STATEMENT_MILLISECONDS}",
            application_name="verify",
        )

    @contextmanager
    def session(self) -> Iterator[psycopg.Connection]:
        """Log in to their own database. Raises CheckError if that fails."""
        try:
            connection = self.connect()
        except psycopg.OperationalError as error:
            raise CheckError(f"no login to {self.database} at {self.host}:{self.port}: {error}") from None
        with connection:
            yield connection


def checks(target: Target) -> Iterator[Check]:
    """Login, privileges, role, PUBLIC, extensions, and each other database that must refuse this login."""
    names, instance = target.names, target.shared.database_server.name
    psql = f"psql as the administrator of {instance}"
    seed = seed_of(target.environment, target.shared)
    yield Check(
        name="database login",
        run=lambda: login_succeeds(
            Login.read(target),
            address=(target.database_server.host, target.database_server.port),
            role=names.database_role,
            database=names.database,
        ),
        expected=f"{names.database_role} logs in to {names.database} on {instance} over TLS",
        look=f"the Secret {_SECRET} in {names.namespace}, and whether the role has the password of "
        f"{names.database_credentials}",
        waits=True,
        reads_secrets=True,
    )
    yield Check(
        name="database rights",
        run=lambda: owns_database(Login.read(target)),
        expected=f"{names.database_role} owns {names.database} and can create a table in it",
        look=f"{psql}: \\l {names.database}, \\dn+",
        reads_secrets=True,
    )
    yield Check(
        name="database role",
        run=lambda: is_ordinary_role(Login.read(target), seed=seed),
        expected=f"no superuser, no permission to create databases or roles, and {_membership(seed)}",
        look=f"{psql}: \\du {names.database_role}",
        reads_secrets=True,
    )
    yield Check(
        name="database public",
        run=lambda: is_closed_to_public(Login.read(target)),
        expected=f"PUBLIC cannot connect to {names.database}",
        look=f"{psql}: REVOKE ALL ON DATABASE {names.database} FROM PUBLIC, or another deploy",
        reads_secrets=True,
    )
    extensions = target.environment.database.extensions
    if extensions:
        yield Check(
            name="database extensions",
            run=lambda: has_extensions(Login.read(target), extensions),
            expected=f"{names.database} has {', '.join(extensions)}",
            look="make bootstrap, which creates what an existing database lacks",
            reads_secrets=True,
        )
    others = {
        Names.of(other, target.shared).database: f"deploy {other.name}, which takes CONNECT from PUBLIC"
        for other in SETTINGS.load()
        if other.name != target.environment.name
    }
    # No deploy closes it; that is done once, when the account is prepared.
    for database, remedy in {**others, _COMMON: None}.items():
        yield Check(
            name=f"database {database}",
            run=partial(_refuses, target, database, remedy),
            expected=f"{names.database_role} is refused by {database}",
            look=f"{psql}: \\l {database}; REVOKE ALL ON DATABASE {database} FROM PUBLIC",
            reads_secrets=True,
        )


def login_succeeds(login: Login, *, address: tuple[str, int], role: str, database: str) -> str:
    """Describe the login. Raises CheckError unless it leads this role to this database, over TLS."""
    if (login.host, login.port) != address:
        raise CheckError(f"{_KEY} leads to {login.host}:{login.port}, the server is at {address[0]}:{address[1]}")
    with login.session() as connection:
        user, name, encrypted, protocol = _row(
            connection,
            "SELECT current_user, current_database(), ssl, version FROM pg_stat_ssl WHERE pid = pg_backend_pid()",
        )
    if (user, name) != (role, database):
        raise CheckError(f"{_KEY} logs in to {name} as {user}")
    if not encrypted:
        raise CheckError("the connection is not encrypted")
    return f"{user} in {name} over {protocol}"


def owns_database(login: Login) -> str:
    """Check that the role owns its database and can create a table in it, which is rolled back. Raises CheckError."""
    with login.session() as connection:
        (owner,) = _row(
            connection, "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = current_database()"
        )
        if owner != login.user:
            raise CheckError(f"the owner is {owner}")
        try:
            connection.execute("CREATE TABLE verify_can_create_a_table ()")
        except psycopg.errors.InsufficientPrivilege as error:
            raise CheckError(f"it cannot create a table: {error.diag.message_primary}") from None
        connection.rollback()
    return f"{login.user} owns {login.database} and can create a table (rolled back)"


def _membership(seed: str | None) -> str:
    return f"not a member of any role but {seed}" if seed else "not a member of any role"


def is_ordinary_role(login: Login, *, seed: str | None = None) -> str:
    """Check that the role has nothing beyond its own objects. Raises CheckError for an attribute or a membership.

    seed: the role that owns the rows with which a preview's database starts; its membership is expected.
    """
    with login.session() as connection:
        *attributes, groups = _row(
            connection,
            "SELECT rolsuper, rolcreatedb, rolcreaterole, rolreplication, rolbypassrls,"
            " array(SELECT roleid::regrole::text FROM pg_auth_members WHERE member = pg_roles.oid)"
            " FROM pg_roles WHERE rolname = current_user",
        )
    found = [name for name, has in zip(_ATTRIBUTES, attributes, strict=True) if has]
    found += [f"membership of {group}" for group in groups if group != seed]
    if found:
        raise CheckError(f"{login.user} has {', '.join(found)}")
    return f"{login.user} is an ordinary role, {_membership(seed)}"


def is_closed_to_public(login: Login) -> str:
    """Check that PUBLIC may not connect to the role's database. Raises CheckError if it may."""
    with login.session() as connection:
        privileges = _public_privileges(connection, login.database) or frozenset()
    if "CONNECT" in privileges:
        raise CheckError(f"PUBLIC has {', '.join(sorted(privileges))} on {login.database}")
    return f"PUBLIC cannot connect to {login.database}"


def has_extensions(login: Login, extensions: Sequence[str]) -> str:
    """Return which of these extensions the role's database has. Raises CheckError unless it has all of them."""
    with login.session() as connection:
        (missing,) = _row(
            connection,
            "SELECT array(SELECT name FROM unnest(%s::text[]) AS name WHERE name NOT IN (SELECT extname FROM"
            " pg_extension))",
            list(extensions),
        )
    if missing:
        raise CheckError(f"{login.database} has no {', '.join(missing)}")
    return f"{login.database} has {', '.join(extensions)}"


def _refuses(target: Target, database: str, remedy: str | None) -> str | Caution:
    return refuses(Login.read(target), database, remedy=remedy)


def refuses(login: Login, database: str, *, remedy: str | None) -> str | Caution:
    """Check that another database refuses the login for lack of CONNECT. Raises CheckError if it does not.

    remedy: what another environment will do about it. With a remedy, PUBLIC's default privileges are only a Caution:
    nobody has closed that database yet, and it is not this environment's to close.
    """
    with login.session() as connection:
        privileges = _public_privileges(connection, database)
        if privileges is None:
            return "does not exist"
        (may_connect,) = _row(connection, "SELECT has_database_privilege(%s, 'CONNECT')", database)
    try:
        login.connect(database).close()
    except psycopg.OperationalError as error:
        if may_connect:
            raise CheckError(f"the login is refused, but not for lack of CONNECT: {error}") from None
        return f"{login.user} is refused"
    if remedy is not None and privileges == _DEFAULT:
        return Caution(f"admits {login.user}: PUBLIC still has CONNECT, PostgreSQL's default; {remedy}")
    raise CheckError(f"it admits {login.user}; PUBLIC has {', '.join(sorted(privileges)) or 'nothing'}")


def _row(connection: psycopg.Connection, query: LiteralString, *parameters: str | list[str]) -> tuple[Any, ...]:
    row = connection.execute(query, parameters).fetchone()
    assert row is not None  # noqa: S101 these queries are about what the session itself proves to be there
    return row


def _public_privileges(connection: psycopg.Connection, database: str) -> frozenset[str] | None:
    """What PUBLIC may do with a database, the default if its list is empty; None if there is no such database."""
    row = connection.execute(
        "SELECT array(SELECT privilege_type FROM aclexplode(coalesce(datacl, acldefault('d', datdba)))"
        " WHERE grantee = 0) FROM pg_database WHERE datname = %s",
        [database],
    ).fetchone()
    return None if row is None else frozenset(row[0])
