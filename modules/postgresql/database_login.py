"""A login to the shared database server that is rotated without a moment in which none works."""

from collections.abc import Mapping, Sequence

from cdktf_cdktf_provider_aws.secretsmanager_secret import SecretsmanagerSecret
from cdktf_cdktf_provider_postgresql.role import Role
from constructs import Construct

from modules.aws.current_value import CurrentValue
from modules.aws.database_server import DatabaseServer
from modules.aws.generated_secret import recovery_days
from modules.aws.generated_value import GeneratedValue
from modules.base.terraform import Ephemeral
from modules.model.names import numbered_login

_PASSWORD_LENGTH = 40


class DatabaseLogin(Construct):
    """A login to the shared database server that rotates without downtime.

    Two logins exist at a time: the one that the secret holds, and the one before. A new login exists in the database
    before the secret hands it out. The previous one stays for clients that read the secret just before the rotation;
    the one before that is deleted.

    Args:
        path: path of the secret with the login.
        role: a reference to the database role that says what the login may do; the login's name is the role's with a
            number.
        acts_as_role: act as the role from the first statement of a session on, so that the role owns what the login
            creates and the objects outlive the login.
        version: 1 or more; raising it by one creates the next login.
        server: the database server.
        ready: Terraform addresses that the role needs to connect.
        protected: a deleted secret can be restored.

    Attributes:
        arn: ARN of the secret.

    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        path: str,
        role: str,
        acts_as_role: bool,
        version: int,
        server: DatabaseServer,
        ready: Sequence[str],
        protected: bool,
    ) -> None:
        super().__init__(scope, id_)
        secret = SecretsmanagerSecret(
            self,
            "resource",
            name=path,
            recovery_window_in_days=recovery_days(protected=protected),
        )
        self.arn = secret.arn
        fields = {"host": f"${{{server.host}}}", "port": f"${{{server.port}}}"}
        self._secret = secret
        if version > 1:
            self._login(version - 1, role=role, acts_as_role=acts_as_role, fields=fields)
        value, login = self._login(version, role=role, acts_as_role=acts_as_role, fields=fields)
        CurrentValue(self, "current", secret=secret, value=value, after=[*ready, login])

    def _login(
        self, number: int, *, role: str, acts_as_role: bool, fields: Mapping[str, str]
    ) -> tuple[GeneratedValue, str]:
        """Create the login of this number; return its stored value and its Terraform address."""
        name = numbered_login(role, number)
        value = GeneratedValue(
            self,
            f"value-{number}",
            secret=self._secret,
            version=number,
            fields={**fields, "username": name},
            random_field="password",
            length=_PASSWORD_LENGTH,
            current=False,
        )
        stored = Ephemeral(
            self,
            f"stored-{number}",
            kind="aws_secretsmanager_secret_version",
            arguments={"secret_id": value.secret_arn, "version_stage": value.label},
        )
        login = Role(
            self,
            f"login-{number}",
            name=name,
            login=True,
            roles=[role],
            assume_role=role if acts_as_role else None,
            password_wo=f"${{jsondecode({stored.attribute('secret_string')}).password}}",
            password_wo_version=value.id,
        )
        return value, f"postgresql_role.{login.friendly_unique_id}"
