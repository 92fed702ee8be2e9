"""The Kubernetes Secrets of an environment, each filled from Secrets Manager."""

from collections.abc import Mapping

from constructs import Construct

from environments.schema.settings import Shared
from modules.aws.generated_secret import GeneratedSecret
from modules.kubernetes.external_secret import ExternalSecret
from modules.model.secrets import ApplicationSecrets


class EnvironmentSecrets(Construct):
    """An ExternalSecret for each Secret that the applications' pods read.

    secrets: what they are. namespace, labels: of all. stored: what the environment generates, by the secrets' ids.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        secrets: ApplicationSecrets,
        namespace: str,
        labels: Mapping[str, str],
        stored: Mapping[str, GeneratedSecret],
        shared: Shared,
    ) -> None:
        super().__init__(scope, id_)
        for secret in secrets.all:
            ExternalSecret(
                self,
                secret.name,
                secret=secret,
                namespace=namespace,
                labels=labels,
                store=shared.cluster_secret_store,
                version_id=stored[secret.id].current_version_id if secret.id else None,
            )
