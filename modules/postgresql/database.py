"""A database on the shared PostgreSQL instance that only its own role can connect to."""

from collections.abc import Collection, Sequence

from cdktf import TerraformResource, TerraformResourceLifecycle
from cdktf_cdktf_provider_postgresql.database import Database as PostgresqlDatabase
from cdktf_cdktf_provider_postgresql.extension import Extension
from cdktf_cdktf_provider_postgresql.grant import Grant
from cdktf_cdktf_provider_postgresql.grant_role import GrantRole
from cdktf_cdktf_provider_postgresql.role import Role
from constructs import Construct

from environments.schema.adoption import Part
from modules.aws.generated_secret import GeneratedSecret
from modules.aws.shared_infrastructure import SharedInfrastructure
from modules.base.terraform import import_existing, prevent_destroy

_PASSWORD_LENGTH = 40
# What of a database can exist already.
PARTS: tuple[Part, ...] = ("credentials", "database-role", "database")


class Database(Construct):
    """A login role, its credentials in Secrets Manager, and the database that it owns.

    name, role: physical names. credentials_path: of the secret. credentials_version: one more rotates the password.
    extensions: created by the administrator, since an ordinary role may create only trusted ones; may be empty.
    protected: refuses to be destroyed. adopted: which of ``PARTS`` exist already under these names and are imported.
    Outputs: name, credentials, creation: replaced whenever the database is made anew, and never without.
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
            content=lambda random: {
                "host": shared.database_host_expression,
                "port": f"tostring({shared.database_port_expression})",
                "username": f'"{role}"',
                "password": random,
                "dbname": f'"{name}"',
            },
            protected=protected,
            adopt="credentials" in adopted,
        )
        # PostgreSQL shows nobody a password, so Terraform cannot see that one was changed by hand. Before each run
        # delivery/preflight/database_drift.py logs in with the stored one. Where that is refused, it has this resource
        # replaced: with a new id, the role is given the stored password again.
        # CDKTF's own DataResource would run `terraform version` in each synth.
        given = TerraformResource(self, "password-given", terraform_resource_type="terraform_data")
        owner = Role(
            self,
            "role",
            name=role,
            login=True,
            password_wo=f"${{{self.credentials.read_back('password')}}}",
            # The stored value decides, not the settings' number: a new value reaches the role whatever its reason.
            password_wo_version=f"{self.credentials.current_version_id}-{given.get_string_attribute('id')}",
            lifecycle=prevent_destroy(protected),
        )
        # Without a lasting membership the administrator, who is no superuser, cannot revoke what PUBLIC has in another
        # role's database: the revoke would do nothing and come back in every plan. From PostgreSQL 16 on the creator
        # of a role holds it with the admin option already; asking for the option fails, and leaving it out reads as
        # a change.
        membership = GrantRole(
            self,
            "administrator",
            role=shared.database_administrator,
            grant_role=owner.name,
            lifecycle=TerraformResourceLifecycle(
                ignore_changes=["with_admin_option"], precondition=shared.administrator_conditions or None
            ),
        )
        database = PostgresqlDatabase(
            self,
            "resource",
            name=name,
            owner=owner.name,
            depends_on=[membership],
            lifecycle=prevent_destroy(protected),
        )
        # While it is being created, the database's id is unknown: that counts as a change, although the same name comes
        # out. Its own creation triggers nothing, since Terraform looks for an update or a replacement.
        self.creation = TerraformResource(self, "creation", terraform_resource_type="terraform_data")
        self.creation.add_override("triggers_replace", database.id)
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
        # The provider reads grants in the database itself. The administrator could connect through the membership
        # alone, but then every plan would fail once that membership is revoked. This grant comes after the other one:
        # two at once on one database fail with "tuple concurrently updated".
        Grant(
            self,
            "administrator-connect",
            database=database.name,
            role=shared.database_administrator,
            object_type="database",
            privileges=["CONNECT"],
            depends_on=[membership, public],
        )
        for extension in extensions:
            Extension(self, f"extension-{extension}", name=extension, database=database.name, depends_on=[membership])
