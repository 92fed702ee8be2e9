"""A Kubernetes Secret that External Secrets Operator fills from one secret in Secrets Manager."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from modules.model.kubernetes.environment_variables import SecretKey

# A new value of ours reaches the cluster at once by an annotation; this is for one changed by hand.
REFRESH_INTERVAL = "5m0s"


@dataclass(frozen=True, kw_only=True)
class Secret:
    """What is in the Secret, with either delivery.

    name: of both. path: of the secret in Secrets Manager. properties: the Secret's keys, each with the JSON field that
    it copies. templates: the Secret's further keys, each a Go template over the properties; with any of them the
    Secret holds only these.
    """

    name: str
    path: str
    properties: Mapping[str, str]
    templates: Mapping[str, str] = field(default_factory=dict)

    def key(self, key: str) -> SecretKey:
        """One key of the Secret, for an environment variable. Raises ValueError for a key that it does not have."""
        keys = sorted(self.templates or self.properties)
        if key not in keys:
            raise ValueError(f"Secret {self.name!r} has no key {key!r}; allowed: {keys}")
        return SecretKey(secret=self.name, key=key)
