"""The rules in database.py: only the environment's own role may use its database."""

from typing import Any

import pytest

from delivery.policy.rules.database import RULES
from modules.model.names import Names
from modules.model.selected_settings import SETTINGS, SHARED
from tests.delivery.plan_documents import resource
from tests.delivery.policy.rules.parts import Cases, assert_said, rules_broken_by

NAMES = Names.of(SETTINGS.find("staging"), SHARED)


def grant(role_: str, *privileges: str) -> dict[str, Any]:
    return {"role": role_, "object_type": "database", "privileges": list(privileges)}


CHANGES: Cases = {
    "PUBLIC may connect": (
        resource("postgresql_grant", "change", grant("public"), grant("public", "CONNECT")),
        "BLOCKING database-access postgresql_grant.x would give every role of the instance CONNECT on the database",
    ),
    "PUBLIC may do what only the apply can tell": (
        resource("postgresql_grant", "change", grant("public"), grant("public"), after_unknown={"privileges": True}),
        "BLOCKING database-access postgresql_grant.x would give every role of the instance (known after apply) "
        "on the database",
    ),
    "PUBLIC may do what is hidden": (
        resource(
            "postgresql_grant", "change", grant("public"), grant("public", "ALL"), after_sensitive={"privileges": True}
        ),
        "BLOCKING database-access postgresql_grant.x would give every role of the instance (sensitive value) "
        "on the database",
    ),
    "PUBLIC is no longer kept out": (
        resource("postgresql_grant", "destroy", grant("public")),
        "BLOCKING database-access postgresql_grant.x would be gone: "
        "nothing keeps every role of the instance away from the database",
    ),
    "another role may connect": (
        resource("postgresql_grant", "create", None, grant("reporting", "CONNECT")),
        "BLOCKING database-access postgresql_grant.x would give reporting permissions on the database: CONNECT",
    ),
    "the planner may connect": (
        resource("postgresql_grant", "create", None, grant(NAMES.database_planner, "CONNECT")),
        None,
    ),
    "the planner may do more": (
        resource("postgresql_grant", "create", None, grant(NAMES.database_planner, "CONNECT", "TEMPORARY")),
        "BLOCKING database-access postgresql_grant.x would give mosaic_staging_plan permissions on the database: "
        "CONNECT, TEMPORARY",
    ),
    "the deployer is a member": (
        resource(
            "postgresql_grant_role", "create", None, {"role": NAMES.database_deployer, "grant_role": "mosaic_staging"}
        ),
        None,
    ),
    "another member": (
        resource("postgresql_grant_role", "create", None, {"role": "reporting", "grant_role": "mosaic_staging"}),
        "BLOCKING database-access postgresql_grant_role.x would make reporting a member of mosaic_staging",
    ),
    "a member of another role": (
        resource("postgresql_grant_role", "create", None, {"role": "x", "grant_role": "rds_superuser"}),
        "BLOCKING database-access postgresql_grant_role.x would make x a member of rds_superuser",
    ),
    "a role that makes roles": (
        resource(
            "postgresql_role", "change", {"name": "mosaic_staging"}, {"name": "mosaic_staging", "create_role": True}
        ),
        "BLOCKING database-access postgresql_role.x would have create_role",
    ),
    "a database of another owner": (
        resource("postgresql_database", "create", None, {"name": "core_staging", "owner": "mosaicadmin"}),
        "BLOCKING database-access postgresql_database.x would belong to mosaicadmin",
    ),
}


@pytest.mark.parametrize("case", CHANGES)
def test_the_guard_judges_each_change_of_the_databases_access(case: str) -> None:
    assert_said(RULES, *CHANGES[case])


def test_every_rule_has_a_change_that_breaks_it() -> None:
    assert rules_broken_by(CHANGES) == {rule.id for rule in RULES}
