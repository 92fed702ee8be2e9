"""The last step of a rotation: readers of a secret get another value only when it can be used."""

from collections.abc import Sequence

from cdktf_cdktf_provider_aws.secretsmanager_secret import SecretsmanagerSecret
from constructs import Construct

from modules.aws.generated_value import GeneratedValue
from modules.aws.secret_step import secret_step

# The label is moved in one call: there is no moment in which no value is the current one.
_MAKE_CURRENT = r"""
found=$(aws secretsmanager list-secret-version-ids --secret-id "$SECRET" --output text --query "[
  Versions[?contains(VersionStages || \`[]\`, '$LABEL')].VersionId | [0],
  Versions[?contains(VersionStages || \`[]\`, 'AWSCURRENT')].VersionId | [0]]")
read -r stored current <<<"$found"
if [[ $stored == "$current" ]]; then
  echo "$LABEL is current already"
else
  aws secretsmanager update-secret-version-stage --secret-id "$SECRET" --version-stage AWSCURRENT \
    --move-to-version-id "$stored" --remove-from-version-id "$current" --query VersionId
fi
"""


class CurrentValue(Construct):
    """Makes a stored value the current one of its secret, after what it opens exists.

    Readers of the secret get the previous value until then. The label moves in one call, so there is always exactly one
    current value.

    Args:
        secret: the secret that holds the value.
        value: the value that becomes current.
        after: Terraform addresses that must exist first, such as the login that uses the value.

    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        secret: SecretsmanagerSecret,
        value: GeneratedValue,
        after: Sequence[str],
    ) -> None:
        super().__init__(scope, id_)
        secret_step(
            self,
            "resource",
            secret_arn=secret.arn,
            script=_MAKE_CURRENT,
            variables={"LABEL": value.label},
            triggers=[value.id],
            depends_on=after,
        )
