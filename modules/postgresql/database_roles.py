"""What a deploy and a plan of one environment may do on the shared database server: two roles without a login."""

from collections.abc import Sequence

from cdktf import Precondition, TerraformResourceLifecycle
from cdktf_cdktf_provider_postgresql.grant import Grant
from cdktf_cdktf_provider_postgresql.grant_role import GrantRole
from cdktf_cdktf_provider_postgresql.role import Role
from constructs import Construct

# Where the provider connects to, and where whoever makes databases must be able to.
_COMMON_DATABASE = "postgres"


class DatabaseRoles(Construct):
    """Two roles without a login: one for deploys creates databases and roles, one for plans only reads.

    The role for deploys has permissions only on what it created itself.

    Args:
        deployer: name of the role for deploys.
        planner: name of the role for plans.
        administrator: name of the server's administrator, who can act as the deployer.
        administrator_conditions: what must be true of the administrator's login.
        after: Terraform addresses of other environments' grants. Two grants on one database at the same time fail with
            "tuple concurrently updated".

    Attributes:
        deployer: a reference to the name of the role for deploys.
        planner: a reference to the name of the role for plans.
        ready: Terraform addresses that a login needs to connect.

    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        deployer: str,
        planner: str,
        administrator: str,
        administrator_conditions: Sequence[Precondition],
        after: Sequence[str],
    ) -> None:
        super().__init__(scope, id_)
        # PostgreSQL 16 and newer lets it change and grant the roles that it made itself, and no other
        # (docs/decisions/2026-11-29-two-database-logins.md).
        may_deploy = Role(
            self,
            "deployer",
            name=deployer,
            create_role=True,
            create_database=True,
            # It becomes a member of what it makes.
            lifecycle=TerraformResourceLifecycle(ignore_changes=["roles"]),
        )
        may_plan = Role(self, "planner", name=planner)
        # Whoever makes a role may grant it, and no more.
        GrantRole(
            self,
            "administrator",
            role=administrator,
            grant_role=may_deploy.name,
            lifecycle=TerraformResourceLifecycle(
                # It made the role, so it holds the admin option already: asking for it fails, and leaving it out reads
                # as a change.
                ignore_changes=["with_admin_option"],
                precondition=list(administrator_conditions) or None,
            ),
        )
        self.ready: list[str] = []
        for id_of_role, role in (("deployer", may_deploy), ("planner", may_plan)):
            grant = Grant(
                self,
                f"{id_of_role}-connect",
                database=_COMMON_DATABASE,
                role=role.name,
                object_type="database",
                privileges=["CONNECT"],
            )
            grant.add_override("depends_on", [*after, *self.ready])
            self.ready.append(f"postgresql_grant.{grant.friendly_unique_id}")
        self.deployer = may_deploy.name
        self.planner = may_plan.name
