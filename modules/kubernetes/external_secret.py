"""A Kubernetes Secret that External Secrets Operator fills from Secrets Manager."""

from collections.abc import Mapping

from cdktf_cdktf_provider_kubernetes.manifest import Manifest, ManifestFieldManager
from constructs import Construct

from modules.model.kubernetes.secret import REFRESH_INTERVAL, Secret


class ExternalSecret(Construct):
    """An ExternalSecret and, through External Secrets Operator, the Secret of the same name.

    Every default of the API (external-secrets.io/v1) is written out. Terraform would see what the server adds as a
    change.

    Args:
        secret: what the Secret holds.
        namespace: namespace of both objects.
        labels: labels of both objects.
        store: name of the SecretStore in the same namespace.
        version_id: id of the stored value; when it changes, the operator reads at once.

    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        secret: Secret,
        namespace: str,
        labels: Mapping[str, str],
        store: str,
        version_id: str | None = None,
    ) -> None:
        super().__init__(scope, id_)
        template = {"engineVersion": "v2", "mergePolicy": "Replace", "data": dict(secret.templates)}
        Manifest(
            self,
            "resource",
            manifest={
                "apiVersion": "external-secrets.io/v1",
                "kind": "ExternalSecret",
                "metadata": {
                    "name": secret.name,
                    "namespace": namespace,
                    "labels": dict(labels),
                    **({"annotations": {"mosaic-life/stored": version_id}} if version_id else {}),
                },
                "spec": {
                    "refreshInterval": REFRESH_INTERVAL,
                    "secretStoreRef": {"kind": "SecretStore", "name": store},
                    "target": {
                        "name": secret.name,
                        "creationPolicy": "Owner",
                        "deletionPolicy": "Retain",
                        **({"template": template} if secret.templates else {}),
                    },
                    "data": [
                        {
                            "secretKey": key,
                            "remoteRef": {
                                "key": secret.path,
                                "property": field,
                                "conversionStrategy": "Default",
                                "decodingStrategy": "None",
                                "metadataPolicy": "None",
                            },
                        }
                        for key, field in secret.properties.items()
                    ],
                },
            },
            # A field that somebody changed by hand belongs to them; without force the apply that heals it is refused.
            field_manager=ManifestFieldManager(force_conflicts=True),
        )
