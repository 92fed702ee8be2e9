"""All settings together: what the environments share, and each of them."""

from dataclasses import dataclass

from environments.schema.settings import Environment, Shared


@dataclass(frozen=True, kw_only=True)
class SettingsDocument:
    """The settings of one commit: what is shared, and the environments, sorted by name."""

    shared: Shared
    environments: tuple[Environment, ...]
