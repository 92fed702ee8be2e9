"""A Kubernetes Secret that External Secrets Operator fills from one secret in Secrets Manager."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from modules.model.kubernetes.environment_variables import SecretKey

# A new value of ours reaches the cluster at once through an annotation; this is for a change by hand.
REFRESH_INTERVAL = "5m0s"


@dataclass(frozen=True, kw_only=True)
class Secret:
    """The content of the Secret, with either delivery.

    name: of both. path: of the secret in Secrets Manager. properties: the Secret's keys, each with the JSON field that
    it copies. templates: the Secret's further keys, each a Go template over the properties; with any of them the Secret
    holds only these. chart_value: below externalSecrets in the chart's values, where the chart finds the path. id: for
    a value that this project generates, used in Terraform's addresses; is_random: one random value, and nothing else;
    version_setting: the setting that is increased by one to rotate it.
    """

    name: str
    path: str
    properties: Mapping[str, str]
    templates: Mapping[str, str] = field(default_factory=dict)
    id: str | None = None
    is_random: bool = False
    version_setting: str | None = None
    chart_value: str = ""

    @property
    def annotation(self) -> str | None:
        """The annotation of core-api's pods with the stored value's version id, so that a new value causes a rollout.

        Pods read a Secret only when they start. None for a value that is kept elsewhere.
        """
        return f"mosaic-life/{self.id}" if self.id else None

    def key(self, key: str) -> SecretKey:
        """One key of the Secret, for an environment variable. Raises ValueError for a key that it does not have."""
        keys = sorted(self.templates or self.properties)
        if key not in keys:
            raise ValueError(f"Secret {self.name!r} has no key {key!r}; allowed: {keys}")
        return SecretKey(secret=self.name, key=key)
