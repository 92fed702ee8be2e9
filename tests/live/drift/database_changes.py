"""What is changed by hand in the database."""

from delivery.preflight import database_drift
from tests.live.drift.change import Change
from tests.live.drift.drift_target import DriftTarget


def _privileges_of_public(target: DriftTarget) -> object:
    return target.project.sql(
        "SELECT privilege_type FROM pg_database, aclexplode(datacl) WHERE datname = %s AND grantee = 0 ORDER BY 1",
        target.names.database,
    )


def _owner(target: DriftTarget) -> object:
    return target.project.sql(
        "SELECT pg_get_userbyid(datdba)::text FROM pg_database WHERE datname = %s", target.names.database
    )


def _may_create_databases(target: DriftTarget) -> object:
    return target.project.sql("SELECT rolcreatedb FROM pg_roles WHERE rolname = %s", target.names.database_role)


def _administrator_has_the_rights(target: DriftTarget) -> object:
    return target.project.sql("SELECT pg_has_role(current_user, %s, 'USAGE')", target.names.database_role)


PUBLIC = Change(
    name="CONNECT granted to PUBLIC",
    make=lambda target: target.run_sql(
        "GRANT CONNECT ON DATABASE {database} TO PUBLIC", database=target.names.database
    ),
    look=_privileges_of_public,
    plan="postgresql_grant.database_public",
    verify="database public",
)
POWER = Change(
    name="the role may create databases",
    make=lambda target: target.run_sql("ALTER ROLE {role} CREATEDB", role=target.names.database_role),
    look=_may_create_databases,
    plan="postgresql_role.database_role",
    verify="database role",
)
# The last on its environment: without it the administrator could not make the others.
MEMBERSHIP = Change(
    name="the administrator's membership revoked",
    make=lambda target: target.run_sql(
        "REVOKE {role} FROM {administrator}", role=target.names.database_role, administrator=target.administrator
    ),
    look=_administrator_has_the_rights,
    verify="database members",
)
OWNER = Change(
    name="the database's owner changed",
    make=lambda target: target.run_sql(
        "ALTER DATABASE {database} OWNER TO {administrator}",
        database=target.names.database,
        administrator=target.administrator,
    ),
    look=_owner,
    plan="postgresql_database.database",
    verify="database rights",
    # The owner's privileges move with the ownership, and the administrator's own merge into them.
    also=("postgresql_grant.database_administrator_connect",),
)
PASSWORD = Change(
    name="the role's password changed",
    make=lambda target: target.run_sql("ALTER ROLE {role} PASSWORD 'by hand'", role=target.names.database_role),
    look=lambda target: target.logs_in(),
    verify="database login",
)

# Terraform's plan alone does not see these; delivery/preflight/database_drift.py has a resource replaced for each.
UNSEEN = {PASSWORD.name: database_drift.GIVEN, MEMBERSHIP.name: database_drift.MEMBERSHIP}
