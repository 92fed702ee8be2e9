"""A generated secret in Secrets Manager whose value is in no code, state, plan or log."""

import json
from collections.abc import Callable, Mapping

from cdktf_cdktf_provider_aws.data_aws_secretsmanager_secret import DataAwsSecretsmanagerSecret
from cdktf_cdktf_provider_aws.data_aws_secretsmanager_secret_versions import DataAwsSecretsmanagerSecretVersions
from cdktf_cdktf_provider_aws.secretsmanager_secret import SecretsmanagerSecret
from cdktf_cdktf_provider_aws.secretsmanager_secret_version import SecretsmanagerSecretVersion
from constructs import Construct

from modules.aws.irsa_role import Grant
from modules.base.terraform import Ephemeral, import_existing, prevent_destroy
from modules.model.core_api_permissions import READ_SECRET

# Days in which a deleted secret of a protected environment can be restored; Secrets Manager allows 7 to 30. A deleted
# name cannot be used again until then, so an environment that comes and goes deletes at once.
_PROTECTED_RECOVERY_DAYS = 30


class GeneratedSecret(Construct):
    """A JSON secret with one random value in it.

    name: its path in Secrets Manager. version: 1 or more; one more makes and stores a new value.
    content: given the bare expression of the random value, returns the JSON's fields as bare Terraform expressions.
    length: characters of the random value, each of A-Z a-z 0-9 (5.95 bits), so that it needs no quoting anywhere.
    protected: refuses to be destroyed. adopt: import the secret of this name; its value is kept for as long as the
    version is 1. Outputs: arn, path, current_version_id (which Secrets Manager gives to the value that is stored now).

    An ephemeral resource generates the value, and a write-only argument stores it. ``read_back`` reads it from Secrets
    Manager after that, so that its users get what is really stored.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        name: str,
        version: int,
        content: Callable[[str], Mapping[str, str]],
        length: int,
        protected: bool,
        adopt: bool,
    ) -> None:
        super().__init__(scope, id_)
        secret = SecretsmanagerSecret(
            self,
            "resource",
            name=name,
            recovery_window_in_days=_PROTECTED_RECOVERY_DAYS if protected else 0,
            # Not the absence of a policy, which would leave one that was made by hand: one would be deleted.
            policy="{}",
            lifecycle=prevent_destroy(protected),
        )
        self.arn = secret.arn
        self.path = name
        if adopt:
            existing = DataAwsSecretsmanagerSecret(self, "adopted", name=name)
            import_existing(secret, existing.arn)
        if adopt and version == 1:
            self._stored_arn = secret.arn
        else:
            self._stored_arn = self._generated(secret, version=version, content=content, length=length)
        # Read from Secrets Manager, not from the value above: a value that was stored by hand is the current one too.
        versions = DataAwsSecretsmanagerSecretVersions(self, "versions", secret_id=self._stored_arn)
        # tostring: before the versions are known, Terraform would not even know that this is a string, and the
        # Kubernetes provider refuses a manifest with a value of no known type.
        self.current_version_id = (
            "${tostring(one([for version in "
            f"data.aws_secretsmanager_secret_versions.{versions.friendly_unique_id}.versions : "
            'version.version_id if contains(version.version_stages, "AWSCURRENT")]))}'
        )

    def _generated(
        self, secret: SecretsmanagerSecret, *, version: int, content: Callable[[str], Mapping[str, str]], length: int
    ) -> str:
        """Store a new value with this version; return the secret's ARN, unknown until it is stored."""
        random = Ephemeral(
            self,
            "random",
            kind="aws_secretsmanager_random_password",
            arguments={"password_length": length, "exclude_punctuation": True},
        )
        fields = content(random.attribute("random_password"))
        value = SecretsmanagerSecretVersion(
            self,
            "value",
            secret_id=secret.id,
            secret_string_wo=_json(fields),
            secret_string_wo_version=version,
        )
        return value.arn

    def read_back(self, field: str) -> str:
        """A bare expression of one field of what is stored, for a write-only argument; read after it was stored."""
        # The ARN of the stored value, not of the secret: unknown until the value is there, it also keeps a plan from
        # opening a secret whose first value an interrupted apply did not come to write.
        stored = Ephemeral(
            self, "stored", kind="aws_secretsmanager_secret_version", arguments={"secret_id": self._stored_arn}
        )
        return f"jsondecode({stored.attribute('secret_string')})[{json.dumps(field)}]"

    @property
    def read_grant(self) -> Grant:
        """What a role needs to read this secret and no other."""
        return Grant(actions=READ_SECRET, resources=[self.arn])


def _json(fields: Mapping[str, str]) -> str:
    return f"${{jsonencode({{{', '.join(f'{json.dumps(key)}: {value}' for key, value in fields.items())}}})}}"
