"""PostgreSQL: neither a deploy's login nor a plan's reaches the other environment, the administrator or the server."""

from typing import LiteralString

import pytest
from psycopg import sql

from tests.live.isolation.sql_attempts import ATTEMPTS, not_refused
from tests.live.isolation.tenant import Tenant

pytestmark = pytest.mark.promise("Isolation")


def test_postgresql_refuses_every_attempt_of_both_logins(own: Tenant, other: Tenant) -> None:
    assert not_refused(own, other) == []


def test_each_attempt_has_a_unique_name() -> None:
    names = [(attempt.login, attempt.name) for attempt in ATTEMPTS]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize(
    ("opened", "closed", "found"),
    [
        (
            "GRANT CONNECT ON DATABASE {other_database} TO {own_deployer}",
            "REVOKE CONNECT ON DATABASE {other_database} FROM {own_deployer}",
            # PostgreSQL only warns if somebody has a privilege without the grant option.
            ["deploy: connect to the other's database", "deploy: be let into the other's database"],
        ),
        (
            "GRANT CONNECT ON DATABASE {other_template} TO {own_planner}",
            "REVOKE CONNECT ON DATABASE {other_template} FROM {own_planner}",
            ["plan: connect to the other's template"],
        ),
        (
            "ALTER ROLE {own_plan_login} CREATEROLE",
            "ALTER ROLE {own_plan_login} NOCREATEROLE",
            ["plan: make a role"],
        ),
        (
            "GRANT SELECT ON alembic_version TO {own_planner}",
            "REVOKE SELECT ON alembic_version FROM {own_planner}",
            ["plan: read a table"],
        ),
    ],
)
def test_the_attempts_find_a_permission_only_while_it_is_granted(
    own: Tenant, other: Tenant, opened: LiteralString, closed: LiteralString, found: list[str]
) -> None:
    names = {
        "other_database": other.names.database,
        "other_template": other.names.database_template,
        "own_deployer": own.names.database_deployer,
        "own_planner": own.names.database_planner,
        "own_plan_login": own.project.secret(own.names.plan_login)["username"],
    }
    identifiers = {name: sql.Identifier(value) for name, value in names.items()}
    # As a member of the owner, in the database with the table of the last case.
    with own.project.login(own.project.administrator_secret, own.names.database) as administrator:
        administrator.autocommit = True
        administrator.execute(sql.SQL(opened).format(**identifiers))
        try:
            assert not_refused(own, other) == found
        finally:
            administrator.execute(sql.SQL(closed).format(**identifiers))
    assert not_refused(own, other) == []
