"""What an environment's ExternalSecrets read from."""

from collections.abc import Mapping

from cdktf_cdktf_provider_kubernetes.manifest import Manifest, ManifestFieldManager
from constructs import Construct

from modules.kubernetes.service_account import ServiceAccount


class SecretStore(Construct):
    """A SecretStore (external-secrets.io/v1): Secrets Manager as one role sees it, for one namespace.

    name, namespace, labels: of the store. service_account: the name of a new one; with its token the operator assumes
    the role of role_arn for every read. region: of Secrets Manager. Output: name.
    Source: https://external-secrets.io/latest/provider/aws-access/
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
