"""The Kubernetes Secrets of an environment, each filled from Secrets Manager."""

from collections.abc import Mapping

from constructs import Construct

from modules.aws.generated_secret import GeneratedSecret
from modules.base.terraform import depend_on
from modules.kubernetes.external_secret import ExternalSecret
from modules.kubernetes.secret_store import SecretStore
from modules.model.secrets import ApplicationSecrets


class EnvironmentSecrets(Construct):
    """An ExternalSecret for each Secret that the applications' pods read.

    Args:
        secrets: descriptions of the Secrets.
        namespace: namespace of all objects.
        labels: labels of all objects.
        store: the store that all of them read from.
        stored: the secrets that the environment generates, by their ids.

    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        secrets: ApplicationSecrets,
        namespace: str,
        labels: Mapping[str, str],
        store: SecretStore,
        stored: Mapping[str, GeneratedSecret],
    ) -> None:
        super().__init__(scope, id_)
        for secret in secrets.all:
            ExternalSecret(
                self,
                secret.name,
                secret=secret,
                namespace=namespace,
                labels=labels,
                store=store.name,
                version_id=stored[secret.id].current_version_id if secret.id else None,
            )
        # The store's own name is a word to Terraform, which would make both at once and delete the store first.
        depend_on(self, store)
