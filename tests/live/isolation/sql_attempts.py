"""What the logins for deploys and plans attempt on the other environment, and upwards, in PostgreSQL."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, LiteralString

import psycopg
from psycopg import sql
from psycopg.rows import TupleRow

from tests.live.isolation.tenant import Tenant

PROBE = "attempted"
Where = Literal["postgres", "own_database", "own_template", "other_database", "other_template"]


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """One statement that PostgreSQL must refuse.

    login: who attempts it. name: the effect. where: in which database. alone: outside a transaction, as PostgreSQL
    requires for some; all others are rolled back. ``_identifiers`` has the identifiers in ``statement``; {pid} is a
    session of the other environment's deploys, {own_pid} one of the environment's own.
    """

    login: Literal["deploy", "plan"]
    name: str
    statement: LiteralString
    where: Where = "postgres"
    alone: bool = False


def _deploy(name: str, statement: LiteralString, where: Where = "postgres", *, alone: bool = False) -> Attempt:
    return Attempt(login="deploy", name=name, statement=statement, where=where, alone=alone)


def _plan(name: str, statement: LiteralString, where: Where = "own_database", *, alone: bool = False) -> Attempt:
    return Attempt(login="plan", name=name, statement=statement, where=where, alone=alone)


ATTEMPTS = (
    # The other environment
    _deploy("connect to the other's database", "SELECT 1", "other_database"),
    _deploy("connect to the other's template", "SELECT 1", "other_template"),
    _deploy("alter the other's role", "ALTER ROLE {other_role} CONNECTION LIMIT 1"),
    _deploy("set the password of the other's role", "ALTER ROLE {other_role} PASSWORD 'taken'"),
    _deploy("set the password of the other's deploys", "ALTER ROLE {other_deploy_login} PASSWORD 'taken'"),
    _deploy("set the password of the other's plans", "ALTER ROLE {other_plan_login} PASSWORD 'taken'"),
    _deploy("become a member of the other's role", "GRANT {other_role} TO {own_deployer}"),
    _deploy("become a member of the other's deploys", "GRANT {other_deployer} TO {own_deployer}"),
    _deploy("act as the other's role", "SET ROLE {other_role}"),
    _deploy("act as the other's deploys", "SET ROLE {other_deployer}"),
    _deploy("drop the other's role", "DROP ROLE {other_role}"),
    _deploy("take what the other's role owns", "REASSIGN OWNED BY {other_role} TO {own_deployer}"),
    _deploy("own the other's database", "ALTER DATABASE {other_database} OWNER TO {own_deployer}"),
    _deploy("close the other's database", "ALTER DATABASE {other_database} CONNECTION LIMIT 0"),
    _deploy("be let into the other's database", "GRANT CONNECT ON DATABASE {other_database} TO {own_deployer}"),
    _deploy("copy the other's database", "CREATE DATABASE {probe} TEMPLATE {other_database}", alone=True),
    _deploy("drop the other's database", "DROP DATABASE {other_database}", alone=True),
    _deploy("drop the other's template", "DROP DATABASE {other_template}", alone=True),
    _deploy("unmake the other's template", "ALTER DATABASE {other_template} IS_TEMPLATE false", alone=True),
    _deploy("end the other's session", "SELECT pg_terminate_backend({pid})"),
    # Upwards
    _deploy("set the administrator's password", "ALTER ROLE {administrator} PASSWORD 'taken'"),
    _deploy("become the administrator", "GRANT {administrator} TO {own_deployer}"),
    _deploy("act as the administrator", "SET ROLE {administrator}"),
    _deploy("make a superuser", "CREATE ROLE {probe} SUPERUSER"),
    _deploy("make a role beyond row security", "CREATE ROLE {probe} BYPASSRLS"),
    _deploy("make a role that replicates", "CREATE ROLE {probe} REPLICATION"),
    _deploy("become a superuser", "ALTER ROLE {own_deployer} SUPERUSER"),
    _deploy("read the server's files", "GRANT pg_read_server_files TO {own_deployer}"),
    _deploy("read all data", "GRANT pg_read_all_data TO {own_deployer}"),
    _deploy("run programs", "COPY (SELECT 1) TO PROGRAM 'true'"),
    _deploy("read a file", "SELECT pg_read_file('postgresql.conf')"),
    _deploy("read passwords", "SELECT rolpassword FROM pg_authid"),
    _deploy("change the server's settings", "ALTER SYSTEM SET work_mem = '1MB'", alone=True),
    _deploy("create in the common database", "CREATE TABLE public.{probe} ()"),
    _deploy("set the password of the environment's plans", "ALTER ROLE {own_plan_login} PASSWORD 'taken'"),
    _deploy("open the environment's template", "SELECT 1", "own_template"),
    # A plan only looks
    _plan("read a table", "SELECT * FROM alembic_version"),
    _plan("make a table", "CREATE TABLE public.{probe} ()"),
    _plan("make a table of the session", "CREATE TEMPORARY TABLE {probe} ()"),
    _plan("make a schema", "CREATE SCHEMA {probe}"),
    _plan("make an extension", "CREATE EXTENSION hstore"),
    _plan("make a role", "CREATE ROLE {probe}"),
    _plan("make a database", "CREATE DATABASE {probe}", alone=True),
    _plan("copy the environment's database", "CREATE DATABASE {probe} TEMPLATE {own_database}", alone=True),
    _plan("drop the environment's database", "DROP DATABASE {own_database}", "postgres", alone=True),
    _plan("act as the environment's role", "SET ROLE {own_role}"),
    _plan("act as the environment's deploys", "SET ROLE {own_deployer}"),
    _plan("act as the other's plans", "SET ROLE {other_planner}"),
    _plan("set the password of the environment's role", "ALTER ROLE {own_role} PASSWORD 'taken'"),
    _plan("set the password of the environment's deploys", "ALTER ROLE {own_deploy_login} PASSWORD 'taken'"),
    _plan("set the password of the other's plans", "ALTER ROLE {other_plan_login} PASSWORD 'taken'"),
    _plan("read passwords", "SELECT rolpassword FROM pg_authid"),
    _plan("end a deploy's session", "SELECT pg_terminate_backend({own_pid})"),
    _plan("connect to the other's database", "SELECT 1", "other_database"),
    _plan("connect to the other's template", "SELECT 1", "other_template"),
    _plan("open the environment's template", "SELECT 1", "own_template"),
)


def not_refused(own: Tenant, other: Tenant) -> list[str]:
    """Return the names of the attempts of ``own`` that PostgreSQL allowed, or answered with another error."""
    with _session(own, "deploy", "postgres") as near, _session(other, "deploy", "postgres") as far:
        words: dict[str, sql.Composable] = {
            **{name: sql.Identifier(value) for name, value in _identifiers(own, other).items()},
            "pid": sql.Literal(far.info.backend_pid),
            "own_pid": sql.Literal(near.info.backend_pid),
        }
        return [*_found(own, other, words)]


def _found(own: Tenant, other: Tenant, words: Mapping[str, sql.Composable]) -> Iterator[str]:
    databases = {
        "postgres": "postgres",
        "own_database": own.names.database,
        "own_template": own.names.database_template,
        "other_database": other.names.database,
        "other_template": other.names.database_template,
    }
    for attempt in ATTEMPTS:
        answer = _answer(own, attempt, databases[attempt.where], sql.SQL(attempt.statement).format(**words))
        if answer != "refused":
            yield f"{attempt.login}: {attempt.name}" + (f" ({answer})" if answer != "allowed" else "")


def _answer(own: Tenant, attempt: Attempt, database: str, statement: sql.Composed) -> str:
    """Return ``refused`` for lack of permission, ``allowed``, or another error, which proves neither."""
    try:
        with _session(own, attempt.login, database) as session:
            session.autocommit = attempt.alone
            session.execute(statement)
            session.rollback()
    except psycopg.errors.InsufficientPrivilege:
        return "refused"
    except psycopg.OperationalError as error:
        # psycopg gives a login's refusal no code.
        return "refused" if "permission denied for database" in str(error) else str(error)
    except psycopg.Error as error:
        return f"{type(error).__name__}: {error.diag.message_primary}"
    return "allowed"


def _session(tenant: Tenant, login: Literal["deploy", "plan"], database: str) -> psycopg.Connection[TupleRow]:
    path = tenant.names.deploy_login if login == "deploy" else tenant.names.plan_login
    return tenant.project.login(path, database)


def _identifiers(own: Tenant, other: Tenant) -> dict[str, str]:
    found = {"probe": PROBE, "administrator": own.project.database_server.administrator}
    for side, tenant in {"own": own, "other": other}.items():
        names = tenant.names
        found |= {
            f"{side}_role": names.database_role,
            f"{side}_database": names.database,
            f"{side}_template": names.database_template,
            f"{side}_deployer": names.database_deployer,
            f"{side}_planner": names.database_planner,
            f"{side}_deploy_login": tenant.project.secret(names.deploy_login)["username"],
            f"{side}_plan_login": tenant.project.secret(names.plan_login)["username"],
        }
    return found
