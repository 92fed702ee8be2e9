"""Changes made by hand in the database."""

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


def _deployer_has_the_rights(target: DriftTarget) -> object:
    return target.project.sql(
        "SELECT pg_has_role(deployer.oid, role.oid, 'USAGE') AND pg_has_role(deployer.oid, role.oid, 'SET')"
        " FROM pg_roles AS deployer, pg_roles AS role WHERE deployer.rolname = %s AND role.rolname = %s",
        target.names.database_deployer,
        target.names.database_role,
    )


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
# The environment's last change: without it the administrator, who has the deployer's permissions, could not make the
# others. What remains is the membership that PostgreSQL grants to a role's creator.
MEMBERSHIP = Change(
    name="the deployer's membership revoked",
    make=lambda target: target.run_sql(
        "REVOKE {role} FROM {deployer} GRANTED BY {deployer}",
        role=target.names.database_role,
        deployer=target.names.database_deployer,
    ),
    look=_deployer_has_the_rights,
    verify="database members",
)
OWNER = Change(
    name="the database's owner changed",
    make=lambda target: target.run_sql(
        "ALTER DATABASE {database} OWNER TO {deployer}",
        database=target.names.database,
        deployer=target.names.database_deployer,
    ),
    look=_owner,
    plan="postgresql_database.database",
    verify="database rights",
)
PASSWORD = Change(
    name="the role's password changed",
    make=lambda target: target.run_sql("ALTER ROLE {role} PASSWORD 'by hand'", role=target.names.database_role),
    look=lambda target: target.logs_in(),
    verify="database login",
)

# Terraform does not see these; delivery/preflight/database_drift.py repairs them before Terraform runs, and says so.
UNSEEN = {PASSWORD.name: "; set again", MEMBERSHIP.name: "; granted again"}
