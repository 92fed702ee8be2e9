"""A Kubernetes Secret that External Secrets Operator fills from Secrets Manager."""

from collections.abc import Mapping

from cdktf_cdktf_provider_kubernetes.manifest import Manifest, ManifestFieldManager
from constructs import Construct

from modules.kubernetes.environment_variables import SecretKey

# A new value of ours reaches the cluster at once by the ``stored`` annotation; this is for one changed by hand.
_REFRESH_INTERVAL = "5m0s"


class ExternalSecret(Construct):
    """An ExternalSecret (external-secrets.io/v1) and, through the operator, the Secret of the same name.

    name, namespace, labels: of both. store: the ClusterSecretStore. path: of the secret in Secrets Manager.
    properties: the Secret's keys, each with the JSON field that it copies. templates: the Secret's further keys, each
    a Go template over the properties; with any of them the Secret holds only these. stored: an id of the stored value;
    when it changes, the operator reads at once. Output: ``key``.
    Every default of the API is written out: what the server would add, Terraform would see as a change.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        name: str,
        namespace: str,
        labels: Mapping[str, str],
        store: str,
        path: str,
        properties: Mapping[str, str],
        templates: Mapping[str, str] | None = None,
        stored: str | None = None,
    ) -> None:
        super().__init__(scope, id_)
        self._name = name
        self._keys = set(templates or properties)
        template = {"template": {"engineVersion": "v2", "mergePolicy": "Replace", "data": dict(templates or {})}}
        Manifest(
            self,
            "resource",
            manifest={
                "apiVersion": "external-secrets.io/v1",
                "kind": "ExternalSecret",
                "metadata": {
                    "name": name,
                    "namespace": namespace,
                    "labels": dict(labels),
                    **({"annotations": {"mosaic-life/stored": stored}} if stored else {}),
                },
                "spec": {
                    "refreshInterval": _REFRESH_INTERVAL,
                    "secretStoreRef": {"kind": "ClusterSecretStore", "name": store},
                    "target": {
                        "name": name,
                        "creationPolicy": "Owner",
                        "deletionPolicy": "Retain",
                        **(template if templates else {}),
                    },
                    "data": [
                        {
                            "secretKey": key,
                            "remoteRef": {
                                "key": path,
                                "property": field,
                                "conversionStrategy": "Default",
                                "decodingStrategy": "None",
                                "metadataPolicy": "None",
                            },
                        }
                        for key, field in properties.items()
                    ],
                },
            },
            # A field that somebody changed by hand belongs to them; without force the apply that heals it is refused.
            field_manager=ManifestFieldManager(force_conflicts=True),
        )

    def key(self, key: str) -> SecretKey:
        """One key of the Secret, for an environment variable. Raises ValueError for a key that it does not have."""
        if key not in self._keys:
            raise ValueError(
                f"{self.node.path}: Secret {self._name!r} has no key {key!r}; allowed: {sorted(self._keys)}"
            )
        return SecretKey(secret=self._name, key=key)
