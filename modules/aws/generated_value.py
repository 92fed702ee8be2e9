"""A random value that Secrets Manager makes and keeps: no code, plan, state or log of Terraform ever holds it."""

import json
from collections.abc import Mapping

from cdktf_cdktf_provider_aws.secretsmanager_secret import SecretsmanagerSecret
from constructs import Construct

from modules.aws.secret_step import secret_step

# Staging labels of ours: each says for which number of the settings a value was stored. One value may have several.
_LABEL = "settings-"

# aws_secretsmanager_secret_version would do it with less, but up to hashicorp/aws 6.25 every plan asks for the value
# (docs/decisions/2026-11-29-plans-without-secret-values.md). The value goes from one program to the next by a pipe: it
# is in no argument and in no variable. A value is made for another number than the current one's. It is kept
# - where the number has one already: a run was stopped, its state was lost, or somebody stored another value by hand;
# - where no value has a label of ours: it was there before this project, and gets the label.
_STORE = r"""
found=$(aws secretsmanager list-secret-version-ids --secret-id "$SECRET" --output text --query "[
  Versions[?contains(VersionStages || \`[]\`, '$LABEL')].VersionId | [0],
  Versions[?contains(VersionStages || \`[]\`, 'AWSCURRENT')].VersionId | [0],
  Versions[?contains(VersionStages || \`[]\`, 'AWSCURRENT')].VersionStages[] | [?starts_with(@, 'settings-')] | [0],
  length(Versions[?VersionStages[?starts_with(@, 'settings-')]])]")
read -r stored current number numbered <<<"$found"
if [[ $stored != None && ($STAGES == "$LABEL" || $stored == "$current" || $number == None) ]]; then
  echo "$LABEL is stored already"
elif [[ $current != None && $numbered == 0 ]]; then
  aws secretsmanager update-secret-version-stage --secret-id "$SECRET" \
    --version-stage "$LABEL" --move-to-version-id "$current" --query VersionId
else
  aws secretsmanager get-random-password --password-length "$LENGTH" --exclude-punctuation \
    --output json --query "$CONTENT" |
    aws secretsmanager put-secret-value --secret-id "$SECRET" --secret-string file:///dev/stdin \
      --version-stages $STAGES --query VersionId
fi
"""


class GeneratedValue(Construct):
    """One random value in the JSON of a secret, generated once for each number.

    Args:
        secret: the secret that stores the value.
        version: number of the value, 1 or more.
        fields: the other fields of the JSON; texts that may contain Terraform references, and no single quotes.
        random_field: name of the field that holds the random value.
        length: length of the random value, in characters. Each is one of A-Z, a-z and 0-9 (5.95 bits), so the value
            needs no quoting anywhere.
        current: make the value current at once; otherwise it only gets its label, and `CurrentValue` makes it current
            later.

    Attributes:
        label: staging label of this number.
        secret_arn: a reference to the secret's ARN that is unknown until the value is stored.
        id: a reference that changes each time the value is stored.

    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        secret: SecretsmanagerSecret,
        version: int,
        fields: Mapping[str, str],
        random_field: str,
        length: int,
        current: bool = True,
    ) -> None:
        super().__init__(scope, id_)
        self.label = f"{_LABEL}{version}"
        value = secret_step(
            self,
            "resource",
            secret_arn=secret.arn,
            script=_STORE,
            variables={
                "LABEL": self.label,
                "LENGTH": str(length),
                "STAGES": f"AWSCURRENT {self.label}" if current else self.label,
                "CONTENT": _content(fields, random_field),
            },
            triggers=[str(version)],
        )
        self.secret_arn = f"${{terraform_data.{value.friendly_unique_id}.output}}"
        self.id = f"${{terraform_data.{value.friendly_unique_id}.id}}"


def _content(fields: Mapping[str, str], random_field: str) -> str:
    """The JSON as a JMESPath expression of what GetRandomPassword answers."""
    parts = [f"{json.dumps(name)}: '{value}'" for name, value in fields.items()]
    return f"{{{', '.join([*parts, f'{json.dumps(random_field)}: RandomPassword'])}}}"
