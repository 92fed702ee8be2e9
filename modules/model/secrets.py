"""The Secrets that the applications' pods read in one environment."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from environments.applications import SECRETS
from environments.schema.contract import ApplicationSecret
from environments.schema.settings import Environment, Shared
from modules.model.capabilities import capabilities_of
from modules.model.kubernetes.environment_variables import SecretKey
from modules.model.kubernetes.secret import Secret
from modules.model.names import Names
from modules.model.values import field_values


@dataclass(frozen=True, kw_only=True)
class ApplicationSecrets:
    """Every Secret of the contract that this environment has: the common ones, and those of its capabilities."""

    all: tuple[Secret, ...]

    @classmethod
    def of(cls, environment: Environment, shared: Shared, names: Names) -> Self:
        """The Secrets of an environment."""
        values = field_values(environment, shared, names)
        return cls(all=tuple(_secret(secret, secret.path.format_map(values)) for secret in contract_of(environment)))

    @property
    def generated(self) -> tuple[Secret, ...]:
        """Those whose value this project generates: their paths are the environment's own."""
        return tuple(secret for secret in self.all if secret.id)

    @property
    def kept_elsewhere(self) -> tuple[Secret, ...]:
        """The others: somebody else stores their values, for this environment or for all."""
        return tuple(secret for secret in self.all if not secret.id)

    @property
    def random(self) -> tuple[Secret, ...]:
        """Those of the generated ones that hold one random value."""
        return tuple(secret for secret in self.generated if secret.is_random)

    def key(self, secret: str, key: str) -> SecretKey:
        """One key of the Secret with this name. Raises ValueError if there is no such Secret or key."""
        for candidate in self.all:
            if candidate.name == secret:
                return candidate.key(key)
        raise ValueError(f"there is no Secret {secret!r}; allowed: {[candidate.name for candidate in self.all]}")


def contract_of(environment: Environment) -> Sequence[ApplicationSecret]:
    """The environment's secrets in the contract."""
    return (*SECRETS, *(secret for capability in capabilities_of(environment) for secret in capability.secrets))


def version_of(environment: Environment, setting: str) -> int:
    """The number that rotates a secret. setting: its dotted path in the environment's settings."""
    value: object = environment
    for field in setting.split("."):
        value = getattr(value, field)
    if not isinstance(value, int):
        raise TypeError(f"the setting {setting!r} is {value!r}; allowed: one that holds a version")
    return value


def _secret(secret: ApplicationSecret, path: str) -> Secret:
    return Secret(
        name=secret.name,
        path=path,
        properties=secret.properties,
        templates=secret.templates,
        id=secret.id,
        is_random=secret.origin == "random",
        version_setting=secret.version,
        chart_value=secret.chart_value,
    )
