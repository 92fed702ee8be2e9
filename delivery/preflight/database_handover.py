"""What of an environment's database somebody else made and has not handed over to its deployer and planner yet.

It is so where the database or its role was made by hand, by the administrator or by an earlier version of this project.
``make bootstrap`` hands over, as the administrator, at its end (delivery/adoption/database_handover.py).
"""

from collections.abc import Iterator
from contextlib import closing

import psycopg

from delivery.account.acting_login import log_in_as
from delivery.account.stored_login import LoginError, NoAnswerError
from delivery.account.target import Target
from modules.model.names import Names

_MISSING = """
    SELECT EXISTS (
        SELECT FROM pg_roles AS role, pg_roles AS deployer WHERE role.rolname = %(role)s
        AND deployer.rolname = %(deployer)s AND NOT pg_has_role(deployer.oid, role.oid, 'MEMBER WITH ADMIN OPTION')
    ), EXISTS (
        SELECT FROM pg_database AS database, pg_roles AS planner WHERE datname = %(database)s
        AND planner.rolname = %(planner)s AND NOT has_database_privilege(planner.oid, database.oid, 'CONNECT')
    )
"""
REMEDY = "make bootstrap"


def problems(target: Target, role: str) -> Iterator[str]:
    """Yield what stops a deploy: no login, or something that is not handed over.

    role: DEPLOY or PLAN, whose login looks. Nothing is said where the server cannot be reached: Terraform does.
    """
    try:
        connection = log_in_as(target, role, application="deploy")
    except NoAnswerError:
        return
    except LoginError as error:
        yield str(error)
        return
    with closing(connection):
        lines = [*missing(connection, target.names)]
    if lines:
        yield f"{target.environment.name} was made by somebody else: {'; '.join(lines)}; first: {REMEDY}"


def missing(connection: psycopg.Connection, names: Names) -> Iterator[str]:
    """Yield what is not handed over, as any session of the server sees it, a line each. Raises psycopg.Error."""
    role, planner = lacks(connection, names)
    if role:
        yield f"{names.database_deployer} cannot grant {names.database_role}"
    if planner:
        yield f"{names.database_planner} cannot connect to {names.database}"


def lacks(connection: psycopg.Connection, names: Names) -> tuple[bool, bool]:
    """Whether the deployer lacks the environment's role, and the planner the way into its database.

    False of what does not exist. Raises psycopg.Error.
    """
    row = connection.execute(
        _MISSING,
        {
            "role": names.database_role,
            "database": names.database,
            "deployer": names.database_deployer,
            "planner": names.database_planner,
        },
    ).fetchone()
    assert row is not None  # noqa: S101 a query of expressions has one row
    role, planner = row
    return bool(role), bool(planner)
