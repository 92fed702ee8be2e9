"""An environment's deployer and planner as bootstrap makes them on a database server, with their stored logins."""

import json
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from delivery.account.target import Target
from local.postgresql.server import ADMINISTRATOR, Postgres
from modules.model.names import Names
from tests.delivery.database_server import run

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient


def new_passwords(names: Names) -> dict[str, str]:
    """New passwords for both logins, by role."""
    return {role: secrets.token_urlsafe(24) for role in (names.database_deployer, names.database_planner)}


def making(names: Names, passwords: Mapping[str, str]) -> Iterator[str]:
    """The administrator's statements in the database ``postgres``."""
    deployer, planner = names.database_deployer, names.database_planner
    yield f"CREATE ROLE {deployer} CREATEROLE CREATEDB"
    yield f"CREATE ROLE {planner}"
    yield f"GRANT {deployer} TO CURRENT_USER"
    for role in (deployer, planner):
        yield f"CREATE ROLE {role}_1 LOGIN PASSWORD '{passwords[role]}'"
        yield f"GRANT {role} TO {role}_1"
        yield f"GRANT CONNECT ON DATABASE postgres TO {role}"
    yield f"ALTER ROLE {deployer}_1 SET role = {deployer}"


def making_template(names: Names) -> Iterator[str]:
    """The administrator's statements for the template of new databases, without its extensions."""
    yield f"CREATE DATABASE {names.database_template} IS_TEMPLATE true"
    yield f"REVOKE ALL ON DATABASE {names.database_template} FROM PUBLIC"


def store(client: "SecretsManagerClient", names: Names, passwords: Mapping[str, str]) -> None:
    """Store both logins."""
    for role, path in ((names.database_deployer, names.deploy_login), (names.database_planner, names.plan_login)):
        login = {"username": f"{role}_1", "password": passwords[role]}
        client.create_secret(Name=path, SecretString=json.dumps(login))


@contextmanager
def delivery_roles(server: Postgres, target: Target) -> Iterator[None]:
    """Make them temporarily, on a server with an administrator."""
    names, client = target.names, target.secrets_manager
    passwords = new_passwords(names)
    run(server, "; ".join((f"SET ROLE {ADMINISTRATOR}", *making(names, passwords))))
    store(client, names, passwords)
    try:
        yield
    finally:
        for path in (names.deploy_login, names.plan_login):
            client.delete_secret(SecretId=path, ForceDeleteWithoutRecovery=True)
        for role in (names.database_deployer, names.database_planner):
            run(server, f"DROP ROLE {role}_1", f"REVOKE ALL ON DATABASE postgres FROM {role}", f"DROP ROLE {role}")
