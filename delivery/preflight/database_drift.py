"""Database changes by hand that no Terraform plan shows: the role's password and the deployer's membership.

PostgreSQL shows nobody a password, and Terraform writes it only when its version changes. From PostgreSQL 16 on the
deployer keeps an empty membership in every role that it created, which the provider mistakes for the revoked one.
A deploy repairs both before Terraform runs, as the deployer; a plan reports as much as its own login sees.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass

import psycopg
from psycopg import sql

from delivery.account.acting_login import log_in_as
from delivery.account.stored_login import NoAnswerError
from delivery.account.target import Target
from modules.model.acting_role import DEPLOY

_APPLICATION = "drift"
# libpq reports no SQLSTATE for a failed connection.
_REFUSAL = "password authentication failed"
# No row means that the role does not exist yet.
_RIGHTS = """
    SELECT pg_has_role(deployer.oid, role.oid, 'USAGE') AND pg_has_role(deployer.oid, role.oid, 'SET')
    FROM pg_roles AS role, pg_roles AS deployer WHERE role.rolname = %s AND deployer.rolname = %s
"""


@dataclass(frozen=True, kw_only=True)
class Repair:
    """A change by hand and its repair. found, done: phrases for one line."""

    found: str
    done: str
    make: Callable[[psycopg.Connection], None]


def repair(target: Target) -> list[str]:
    """Repair everything as the deployer, in one transaction; return one line for each repair.

    Skips what does not exist yet, and does nothing if the server is unreachable: Terraform reports that itself.
    Raises LoginError or psycopg.Error.
    """
    try:
        connection = log_in_as(target, DEPLOY, application=_APPLICATION)
    except NoAnswerError:
        return []
    with connection:
        # The membership first: without it the deployer cannot set the password.
        repairs = [*_membership(target, connection), *_password(target, connection)]
        for each in repairs:
            each.make(connection)
    return [f"{each.found}; {each.done}" for each in repairs]


def seen(target: Target, role: str) -> list[str]:
    """Return what a deploy would repair, one line each, as far as the catalogue shows it. Raises as ``repair`` does."""
    try:
        connection = log_in_as(target, role, application=_APPLICATION)
    except NoAnswerError:
        return []
    with closing(connection):
        return [f"{each.found}; a deploy repairs it" for each in _membership(target, connection)]


def _membership(target: Target, connection: psycopg.Connection) -> Iterator[Repair]:
    role, deployer = target.names.database_role, target.names.database_deployer
    row = connection.execute(_RIGHTS, [role, deployer]).fetchone()
    if row is None or row[0]:
        return
    statement = sql.SQL("GRANT {} TO {} WITH INHERIT TRUE, SET TRUE")

    def make(connection: psycopg.Connection) -> None:
        connection.execute(statement.format(sql.Identifier(role), sql.Identifier(deployer)))

    yield Repair(found=f"{deployer} lost the permissions of {role}", done="granted again", make=make)


def _password(target: Target, connection: psycopg.Connection) -> Iterator[Repair]:
    role = target.names.database_role
    # PostgreSQL refuses a missing role with the same message as a wrong password.
    if connection.execute("SELECT FROM pg_roles WHERE rolname = %s", [role]).fetchone() is None:
        return
    password = _stored_password(target)
    if password is None or not _is_refused(target, password):
        return

    def make(connection: psycopg.Connection) -> None:
        # Hashed on this side: the server logs statements.
        hashed = connection.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256").decode()
        statement = sql.SQL("ALTER ROLE {} PASSWORD {}")
        connection.execute(statement.format(sql.Identifier(role), sql.Literal(hashed)))

    yield Repair(found=f"the database refused the stored password of {role}", done="set again", make=make)


def _is_refused(target: Target, password: str) -> bool:
    """Whether the database refuses the role this password."""
    names = target.names
    try:
        target.log_in(names.database_role, password, database=names.database, application=_APPLICATION).close()
    except psycopg.Error as error:
        return _REFUSAL in str(error)
    return False


def _stored_password(target: Target) -> str | None:
    """The password of the environment's role; None if the secret is missing or malformed."""
    client = target.secrets_manager
    try:
        secret = client.get_secret_value(SecretId=target.names.database_credentials)
        password = str(json.loads(secret["SecretString"])["password"])
    except (client.exceptions.ClientError, KeyError, TypeError, ValueError):
        return None
    target.redaction.add(password)
    return password
