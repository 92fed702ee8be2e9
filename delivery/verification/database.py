"""Is the database reached over TLS by its own role, and by nobody else; does nobody else's admit that role."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from urllib.parse import parse_qs, unquote, urlsplit

import psycopg

from delivery.verification.check import Caution, Check, CheckError
from delivery.verification.target import Target
from environments import catalogue
from modules.names import Names

_SECRET, _KEY = "database-credentials", "DB_URL"
_SHAPE = "postgresql+psycopg://USER:PASSWORD@HOST:PORT/DBNAME?sslmode=require"
_CONNECT_SECONDS = 5
_STATEMENT_MILLISECONDS = 5000
# The database that every instance has; on RDS, as here, it belongs to the administrator.
_COMMON = "postgres"
# What PUBLIC has on a database whose rights nobody has changed: https://www.postgresql.org/docs/current/ddl-priv.html
_DEFAULT = frozenset({"CONNECT", "TEMPORARY"})


@dataclass(frozen=True, kw_only=True, repr=False)
class Login:
    """What DB_URL holds."""

    host: str
    port: int
    user: str
    password: str
    database: str
    sslmode: str

    @classmethod
    def read(cls, target: Target) -> "Login":
        """Return what the pods are given. Raises CheckError where that is nothing, or no such URL."""
        url = target.secret(_SECRET).get(_KEY)
        if not url:
            raise CheckError(f"the Secret {_SECRET} has no {_KEY}")
        login = cls.parse(url)
        target.redaction.add(login.password)
        return login

    @classmethod
    def parse(cls, url: str) -> "Login":
        """Return the parts of a URL. Raises CheckError, which says nothing of it: any part may hold the password."""
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
            connect_timeout=_CONNECT_SECONDS,
            options=f"-c statement_timeout={_STATEMENT_MILLISECONDS}",
            application_name="verify",
        )


def checks(target: Target) -> Iterator[Check]:
    """Login, rights, role, PUBLIC, and each other database that must refuse this login."""
    names, instance = target.names, target.shared.rds_instance
    psql = f"psql as the administrator of {instance}"
    yield Check(
        name="database login",
        run=partial(_login, target),
        expected=f"{names.database_role} logs in to {names.database} on {instance} over TLS",
        look=f"the Secret {_SECRET} in {names.namespace}, and the role's password version in its settings",
        waits=True,
    )
    yield Check(
        name="database rights",
        run=partial(_rights, target),
        expected=f"{names.database_role} owns {names.database} and can create a table in it",
        look=f"{psql}: \\l {names.database}, \\dn+",
    )
    yield Check(
        name="database role",
        run=partial(_role, target),
        expected="no superuser, no right to create databases or roles, member of no role",
        look=f"{psql}: \\du {names.database_role}",
    )
    yield Check(
        name="database public",
        run=partial(_public, target),
        expected=f"PUBLIC cannot connect to {names.database}",
        look=f"{psql}: REVOKE ALL ON DATABASE {names.database} FROM PUBLIC, or another deploy",
    )
    others = {
        Names.of(other, target.shared).database: f"deploy {other.name}, which takes CONNECT from PUBLIC"
        for other in catalogue.load()
        if other.name != target.environment.name
    }
    common = f"its owner, the administrator, takes it away once: REVOKE ALL ON DATABASE {_COMMON} FROM PUBLIC"
    for database, remedy in {**others, _COMMON: common}.items():
        yield Check(
            name=f"database {database}",
            run=partial(_refused, target, database, remedy),
            expected=f"{names.database_role} is refused by {database}",
            look=f"{psql}: \\l {database}; REVOKE ALL ON DATABASE {database} FROM PUBLIC",
        )


def _login(target: Target) -> str:
    login, endpoint = Login.read(target), target.rds_endpoint
    if (login.host, login.port) != (endpoint["Address"], endpoint["Port"]):
        raise CheckError(
            f"{_KEY} leads to {login.host}:{login.port}, "
            f"{target.shared.rds_instance} is at {endpoint['Address']}:{endpoint['Port']}"
        )
    with login.connect() as connection:
        row = connection.execute(
            "SELECT current_user, current_database(), ssl, version FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
        ).fetchone()
    assert row is not None  # noqa: S101 each connection has its row
    user, database, encrypted, protocol = row
    if (user, database) != (target.names.database_role, target.names.database):
        raise CheckError(f"{_KEY} logs in to {database} as {user}")
    if not encrypted:
        raise CheckError("the connection is not encrypted")
    return f"{user} in {database} over {protocol}"


def _rights(target: Target) -> str:
    with Login.read(target).connect() as connection:
        row = connection.execute(
            "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = current_database()"
        ).fetchone()
        assert row is not None  # noqa: S101 the database that we are in
        if row[0] != target.names.database_role:
            raise CheckError(f"the owner of {target.names.database} is {row[0]}")
        try:
            connection.execute("CREATE TABLE verify_can_create_a_table ()")
        except psycopg.errors.InsufficientPrivilege as error:
            raise CheckError(f"it cannot create a table: {error}") from None
        connection.rollback()
    return f"{target.names.database_role} owns {target.names.database} and can create a table (rolled back)"


def _role(target: Target) -> str:
    with Login.read(target).connect() as connection:
        row = connection.execute(
            "SELECT rolsuper, rolcreatedb, rolcreaterole, rolreplication, rolbypassrls,"
            " (SELECT array_agg(roleid::regrole::text) FROM pg_auth_members WHERE member = pg_roles.oid)"
            " FROM pg_roles WHERE rolname = current_user"
        ).fetchone()
    assert row is not None  # noqa: S101 the role that we are
    *rights, groups = row
    names = ("SUPERUSER", "CREATEDB", "CREATEROLE", "REPLICATION", "BYPASSRLS")
    found = [name for name, has in zip(names, rights, strict=True) if has] + [
        f"member of {name}" for name in groups or []
    ]
    if found:
        raise CheckError(f"{target.names.database_role} has {', '.join(found)}")
    return f"{target.names.database_role} is an ordinary role, member of none"


def _public(target: Target) -> str:
    with Login.read(target).connect() as connection:
        privileges = _public_privileges(connection, target.names.database)
    if privileges is not None and "CONNECT" in privileges:
        raise CheckError(f"PUBLIC has {', '.join(sorted(privileges))} on {target.names.database}")
    return f"PUBLIC cannot connect to {target.names.database}"


def _refused(target: Target, database: str, remedy: str) -> str | Caution:
    login = Login.read(target)
    with login.connect() as connection:
        privileges = _public_privileges(connection, database)
        if privileges is None:
            return "does not exist"
        row = connection.execute("SELECT has_database_privilege(%s, 'CONNECT')", [database]).fetchone()
    assert row is not None  # noqa: S101 a function's result
    try:
        login.connect(database).close()
    except psycopg.OperationalError as error:
        if row[0]:
            raise CheckError(f"the login is refused, but not for lack of CONNECT: {error}") from None
        return f"{login.user} is refused"
    if privileges == _DEFAULT:
        return Caution(f"admits {login.user}: PUBLIC still has CONNECT, PostgreSQL's default; {remedy}")
    raise CheckError(f"it admits {login.user}; PUBLIC has {', '.join(sorted(privileges)) or 'nothing'}")


def _public_privileges(connection: psycopg.Connection, database: str) -> frozenset[str] | None:
    """What PUBLIC may do with a database, the default where its list is empty; None where there is no such database."""
    row = connection.execute(
        "SELECT array(SELECT privilege_type FROM aclexplode(coalesce(datacl, acldefault('d', datdba)))"
        " WHERE grantee = 0) FROM pg_database WHERE datname = %s",
        [database],
    ).fetchone()
    return None if row is None else frozenset(row[0])
