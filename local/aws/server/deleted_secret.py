"""Makes moto refuse to read a deleted secret with Secrets Manager's own message.

hashicorp/aws recognizes a deleted secret by this message; with moto's message every plan fails.
https://github.com/hashicorp/terraform-provider-aws/blob/v5.100.0/internal/service/secretsmanager/secret_version.go
"""

from typing import Any

from moto.secretsmanager.exceptions import InvalidRequestException
from moto.secretsmanager.models import SecretsManagerBackend

_read = SecretsManagerBackend.get_secret_value


def install() -> None:
    """Use this message for every account of this process."""
    setattr(SecretsManagerBackend, "get_secret_value", _get_secret_value)  # noqa: B010 mypy forbids the plain form


def _get_secret_value(
    backend: SecretsManagerBackend, secret_id: str, version_id: str, version_stage: str
) -> dict[str, Any]:
    try:
        return _read(backend, secret_id, version_id, version_stage)
    except InvalidRequestException:
        if not backend.secrets[secret_id].is_deleted():
            raise
        words = "You can't perform this operation on the secret because it was marked for deletion."
        raise InvalidRequestException(words) from None
