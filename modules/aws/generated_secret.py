"""A generated secret in Secrets Manager whose value is in no code, state, plan or log."""

import json
from collections.abc import Mapping

from cdktf_cdktf_provider_aws.data_aws_secretsmanager_secret import DataAwsSecretsmanagerSecret
from cdktf_cdktf_provider_aws.data_aws_secretsmanager_secret_versions import DataAwsSecretsmanagerSecretVersions
from cdktf_cdktf_provider_aws.secretsmanager_secret import SecretsmanagerSecret
from constructs import Construct

from modules.aws.generated_value import GeneratedValue
from modules.aws.irsa_role import Grant
from modules.base.acting_role import by_role
from modules.base.terraform import Ephemeral, address, forget, import_existing, prevent_destroy
from modules.model.core_api_permissions import READ_SECRET

# Days in which a deleted secret of a protected environment can be restored; Secrets Manager allows 7 to 30. A deleted
# name cannot be used again until then, so an environment that comes and goes deletes at once.
_PROTECTED_RECOVERY_DAYS = 30
# In the place of a password, which the PostgreSQL provider demands beside its version; never sent.
_NOT_READ = "not read by a plan"


def recovery_days(*, protected: bool) -> int:
    """Return the days in which a deleted secret of an environment can be restored; 0: it is gone at once."""
    return _PROTECTED_RECOVERY_DAYS if protected else 0


class GeneratedSecret(Construct):
    """A JSON secret with one random value in it.

    Secrets Manager generates the value while Terraform applies. `read_back` then reads what is stored, so that every
    user of the secret gets the same value.

    Args:
        name: path of the secret in Secrets Manager.
        version: 1 or more; raising it by one generates and stores a new value.
        fields: the other fields of the JSON; texts that may contain Terraform references, and no single quotes.
        random_field: name of the field that holds the random value.
        length: length of the random value, in characters.
        protected: Terraform refuses to destroy the secret, and a deleted one can be restored for 30 days.
        adopt: import the existing secret of this name and keep its value.

    Attributes:
        arn: ARN of the secret.
        path: path of the secret.
        current_version_id: id that Secrets Manager gave to the current value; another value has another id.

    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        name: str,
        version: int,
        fields: Mapping[str, str],
        random_field: str,
        length: int,
        protected: bool,
        adopt: bool,
    ) -> None:
        super().__init__(scope, id_)
        secret = SecretsmanagerSecret(
            self,
            "resource",
            name=name,
            recovery_window_in_days=recovery_days(protected=protected),
            # Not the absence of a policy, which would leave one that was made by hand: one would be deleted.
            policy="{}",
            lifecycle=prevent_destroy(protected),
        )
        self.arn = secret.arn
        self.path = name
        if adopt:
            existing = DataAwsSecretsmanagerSecret(self, "adopted", name=name)
            import_existing(secret, existing.arn)
        value = GeneratedValue(
            self,
            "value",
            secret=secret,
            version=version,
            fields=fields,
            random_field=random_field,
            length=length,
        )
        # What stored the value until 2026-11-29; the value stays as it is.
        forget(self, [f"aws_secretsmanager_secret_version.{address(self.node.path)}_value"])
        # Unknown until the value is there: what reads it waits for it.
        self._stored_arn = value.secret_arn
        # Read from Secrets Manager, not from the value above: a value that was stored by hand is the current one too.
        versions = DataAwsSecretsmanagerSecretVersions(self, "versions", secret_id=self._stored_arn)
        # tostring: before the versions are known, Terraform would not even know that this is a string, and the
        # Kubernetes provider refuses a manifest with a value of no known type.
        self.current_version_id = (
            "${tostring(one([for version in "
            f"data.aws_secretsmanager_secret_versions.{versions.friendly_unique_id}.versions : "
            'version.version_id if contains(version.version_stages, "AWSCURRENT")]))}'
        )

    def read_back(self, field: str) -> str:
        """A bare expression for one field of the stored value, for a write-only argument.

        A deploy reads the secret after the value was stored. A run that only plans does not read it, because a
        write-only argument is not part of a plan.

        Args:
            field: name of a field of the JSON.

        """
        stored = Ephemeral(
            self,
            "stored",
            kind="aws_secretsmanager_secret_version",
            arguments={"count": f"${{{by_role(deploy='1', plan='0')}}}", "secret_id": self._stored_arn},
        )
        values = f"[for it in {stored.address} : jsondecode(it.secret_string)[{json.dumps(field)}]]"
        # In an apply there is nothing else to take: a plan that read nothing is refused before it writes.
        return f'coalesce(one({values}), terraform.applying ? null : "{_NOT_READ}")'

    @property
    def read_grant(self) -> Grant:
        """What a role needs to read this secret and no other."""
        return Grant(actions=READ_SECRET, resources=[self.arn])
