"""Finds parts of an environment's database that are not handed over to its deployer and planner yet.

This happens if the database or its role was created by hand, by the administrator or by an earlier version of this
project. ``make bootstrap`` hands them over at its end, as the administrator (delivery/adoption/database_handover.py).
"""

import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass

import psycopg

from delivery.account.acting_login import log_in_as
from delivery.account.stored_login import NoAnswerError
from delivery.account.target import Target
from modules.model.acting_role import PLAN
from modules.model.names import Names

_MISSING = """
    SELECT EXISTS (
        SELECT FROM pg_roles AS role, pg_roles AS deployer WHERE role.rolname = %(role)s
        AND deployer.rolname = %(deployer)s AND NOT pg_has_role(deployer.oid, role.oid, 'MEMBER WITH ADMIN OPTION')
    ), EXISTS (
        SELECT FROM pg_database AS database, pg_roles AS planner WHERE datname = %(database)s
        AND planner.rolname = %(planner)s AND NOT has_database_privilege(planner.oid, database.oid, 'CONNECT')
    ), (
        SELECT pg_get_userbyid(datdba)::text FROM pg_database, pg_roles AS role, pg_roles AS deployer
        WHERE datname = %(database)s AND role.rolname = %(role)s AND deployer.rolname = %(deployer)s
        AND datdba <> role.oid AND NOT pg_has_role(deployer.oid, datdba, 'USAGE')
    )
"""
_REMEDY = "make bootstrap"


def problems(target: Target, role: str) -> Iterator[str]:
    """Yield what is not handed over and therefore stops a deploy.

    role: DEPLOY or PLAN, whose login checks. What only stops a plan is noted. Yields nothing if the server is
    unreachable: Terraform reports that. Raises LoginError: without the login Terraform cannot log in either.
    """
    try:
        connection = log_in_as(target, role, application="deploy")
    except NoAnswerError:
        return
    names = target.names
    with closing(connection):
        lack = Lack.of(connection, names)
    if problem := lack.problem(target):
        yield problem
    elif lack.planner and role == PLAN:
        print(
            f"note: {names.database_planner} cannot connect to {names.database}, so a plan cannot read the grants "
            f"there; the next deploy allows it: make deploy ENV={target.environment.name}",
            file=sys.stderr,
        )


@dataclass(frozen=True, kw_only=True)
class Lack:
    """What is not handed over; what does not exist is not counted.

    role: the deployer cannot grant the environment's role. planner: it cannot connect to the environment's database.
    owner: the database's owner, if that is neither the role nor a role that the deployer can act as.
    """

    role: bool
    planner: bool
    owner: str | None

    @classmethod
    def of(cls, connection: psycopg.Connection, names: Names) -> "Lack":
        """Ask the server, which answers this in any session. Raises psycopg.Error."""
        role, planner, owner = _row(connection, names)
        return cls(role=role, planner=planner, owner=owner)

    def problem(self, target: Target) -> str | None:
        """Say what keeps a deploy from the database, and how to fix it; None if nothing does."""
        # A deploy that acts as the owner lets the planner connect. One that was killed just before has not.
        if not self.role and not self.owner:
            return None
        names = target.names
        lines = [f"{names.database_deployer} cannot grant {names.database_role}"] if self.role else []
        lines += [f"{names.database_planner} cannot connect to {names.database}"] if self.planner else []
        lines += [f"{names.database} belongs to {self.owner}"] if self.owner else []
        # An adopted database's objects have owners too (delivery/adoption/database_ownership.py).
        is_adopted = self.owner is not None and target.environment.adopts("database")
        remedy = f"make adopt ENV={target.environment.name}" if is_adopted else _REMEDY
        name = target.environment.name
        return f"{name} does not fully control its database: {'; '.join(lines)}; first: {remedy}"


def _row(connection: psycopg.Connection, names: Names) -> tuple[bool, bool, str | None]:
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
    role, planner, owner = row
    return role, planner, owner
