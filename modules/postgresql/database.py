"""A database on the shared PostgreSQL server that only its own role, and the environment's two logins, connect to."""

from collections.abc import Collection, Sequence

from cdktf import TerraformResource, TerraformResourceLifecycle
from cdktf_cdktf_provider_postgresql.database import Database as PostgresqlDatabase
from cdktf_cdktf_provider_postgresql.grant import Grant
from cdktf_cdktf_provider_postgresql.grant_role import GrantRole
from cdktf_cdktf_provider_postgresql.role import Role
from constructs import Construct

from environments.schema.adoption import Part
from modules.aws.generated_secret import GeneratedSecret
from modules.aws.shared_infrastructure import SharedInfrastructure
from modules.base.terraform import forget, import_existing, prevent_destroy

_PASSWORD_LENGTH = 40
# What of a database can exist already.
PARTS: tuple[Part, ...] = ("credentials", "database-role", "database")


class Database(Construct):
    """A database with its own login role, and that role's credentials in Secrets Manager.

    Only the owner and the environment's two logins can connect to it.

    Args:
        name: physical name of the database.
        role: physical name of the role that owns it.
        credentials_path: path of the secret with the owner's credentials.
        credentials_version: 1 or more; raising it by one rotates the password.
        deployer: database role that creates all this.
        planner: database role that reads it in plans.
        template: database that a new one is copied from, with the extensions that only an administrator can create;
            None for an empty database.
        seed: role that owns the rows in the template, which the deployer may grant; None for a template without rows.
        extensions: extensions that the template contains.
        shared: the server.
        protected: Terraform refuses to destroy the database, the role and the secret.
        adopted: parts that already exist under these names and are imported: any of `credentials`, `database-role` and
            `database`.

    Attributes:
        name: name of the database.
        credentials: the secret with host, port, user name, password and database name.
        creation: a resource that is replaced exactly when the database is created anew.

    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        name: str,
        role: str,
        credentials_path: str,
        credentials_version: int,
        deployer: str,
        planner: str,
        template: str | None,
        seed: str | None = None,
        extensions: Sequence[str],
        shared: SharedInfrastructure,
        protected: bool,
        adopted: Collection[Part],
    ) -> None:
        super().__init__(scope, id_)
        self.name = name
        self.credentials = GeneratedSecret(
            self,
            "credentials",
            name=credentials_path,
            version=credentials_version,
            length=_PASSWORD_LENGTH,
            fields={
                "host": f"${{{shared.database_host_expression}}}",
                "port": f"${{{shared.database_port_expression}}}",
                "username": role,
                "dbname": name,
            },
            random_field="password",
            protected=protected,
            adopt="credentials" in adopted,
        )
        owner = Role(
            self,
            "role",
            name=role,
            login=True,
            password_wo=f"${{{self.credentials.read_back('password')}}}",
            # The stored value decides, not the settings' number: a new value reaches the role whatever its reason.
            password_wo_version=self.credentials.current_version_id,
            lifecycle=prevent_destroy(protected),
        )
        # Without a lasting membership the deployer could not act as the owner of what it makes: from PostgreSQL 16 on
        # the creator of a role may grant it, and no more. It holds the admin option already; asking for it fails, and
        # leaving it out reads as a change.
        membership = GrantRole(
            self,
            "deployer",
            role=deployer,
            grant_role=owner.name,
            lifecycle=TerraformResourceLifecycle(ignore_changes=["with_admin_option"]),
        )
        if seed:
            GrantRole(self, "seed", role=owner.name, grant_role=seed, depends_on=[membership])
        database = PostgresqlDatabase(
            self,
            "resource",
            name=name,
            owner=owner.name,
            template=template,
            depends_on=[membership],
            # It is copied once; what a database was made of, PostgreSQL does not know.
            lifecycle=TerraformResourceLifecycle(ignore_changes=["template"], prevent_destroy=protected or None),
        )
        # While it is being created, the database's id is unknown: that counts as a change, although the same name comes
        # out. Its own creation triggers nothing, since Terraform looks for an update or a replacement.
        self.creation = TerraformResource(self, "creation", terraform_resource_type="terraform_data")
        self.creation.add_override("triggers_replace", database.id)
        # What the administrator did until 2026-11-29, and bootstrap does now.
        forget(
            self,
            [
                "postgresql_grant_role.database_administrator",
                "postgresql_grant.database_administrator_connect",
                "terraform_data.database_password_given",
                *(f"postgresql_extension.database_extension_{name.replace('-', '_')}" for name in extensions),
            ],
        )
        if "database-role" in adopted:
            import_existing(owner, role)
        if "database" in adopted:
            import_existing(database, name)
        # PostgreSQL lets everybody connect to every database of the instance unless this is taken away.
        public = Grant(
            self,
            "public",
            database=database.name,
            role="public",
            object_type="database",
            privileges=[],
            depends_on=[membership],
        )
        # The provider reads grants in the database itself, so that whoever plans must be able to connect. This grant
        # comes after the other one: two at once on one database fail with "tuple concurrently updated".
        Grant(
            self,
            "planner-connect",
            database=database.name,
            role=planner,
            object_type="database",
            privileges=["CONNECT"],
            depends_on=[membership, public],
        )
