"""What an environment's ExternalSecrets read from."""

from collections.abc import Mapping

from cdktf_cdktf_provider_kubernetes.manifest import Manifest, ManifestFieldManager
from constructs import Construct

from modules.kubernetes.service_account import ServiceAccount


class SecretStore(Construct):
    """A SecretStore (external-secrets.io/v1): Secrets Manager, read as one role, for one namespace.

    Source: https://external-secrets.io/latest/provider/aws-access/

    Args:
        name: name of the store.
        namespace: namespace of the store and its service account.
        labels: labels of both objects.
        service_account: name of a new service account. The operator assumes the role with its token for every read.
        role_arn: ARN of the role.
        region: AWS region of Secrets Manager.

    Attributes:
        name: name of the store.

    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        name: str,
        namespace: str,
        labels: Mapping[str, str],
        service_account: str,
        role_arn: str,
        region: str,
    ) -> None:
        super().__init__(scope, id_)
        self.name = name
        account = ServiceAccount(
            self, "account", name=service_account, namespace=namespace, labels=labels, role_arn=role_arn
        )
        Manifest(
            self,
            "resource",
            manifest={
                "apiVersion": "external-secrets.io/v1",
                "kind": "SecretStore",
                "metadata": {"name": name, "namespace": namespace, "labels": dict(labels)},
                "spec": {
                    "provider": {
                        "aws": {
                            "service": "SecretsManager",
                            "region": region,
                            "auth": {"jwt": {"serviceAccountRef": {"name": account.name}}},
                        }
                    }
                },
            },
            field_manager=ManifestFieldManager(force_conflicts=True),
        )
