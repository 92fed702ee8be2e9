"""Finds the environment's secrets that were deleted and can still be restored.

Secrets Manager keeps a deleted secret for its recovery window and refuses a new one of that name until then. Terraform
takes the secret for gone, and its apply fails after minutes. Restoring it brings back its value.
"""

from collections.abc import Iterator

from botocore.exceptions import ClientError

from delivery.account.target import Target


def find(target: Target) -> Iterator[str]:
    """The paths of the environment's secrets that are scheduled for deletion."""
    client = target.secrets_manager
    for path in target.names.secret_paths:
        try:
            secret = client.describe_secret(SecretId=path)
        except client.exceptions.ResourceNotFoundException:
            continue
        except client.exceptions.ClientError as error:
            # For a missing secret AWS knows no ARN that the role's permissions could allow
            # (https://github.com/aws/aws-cdk/issues/17792). If a permission is really missing, Terraform's own read
            # fails.
            if error.response["Error"]["Code"] != "AccessDeniedException":
                raise
            continue
        if "DeletedDate" in secret:
            yield path


def restore(target: Target, path: str) -> None:
    """Restore the secret. Raises PermissionError, with the command to run, if these credentials may not restore it."""
    try:
        target.secrets_manager.restore_secret(SecretId=path)
    except ClientError as error:
        raise PermissionError(
            f"the secret {path} is scheduled for deletion and could not be restored ({error}); with permission to "
            f"restore it, run: aws secretsmanager restore-secret --secret-id {path}"
        ) from None
