"""The redirect URIs that must be added by hand in the identity provider's console."""

from collections.abc import Mapping

from environments.applications import OAUTH_CALLBACKS
from environments.schema.settings import Environment, Shared
from modules.model.names import Names
from modules.model.values import field_values


def oauth_callbacks(environment: Environment, shared: Shared, names: Names) -> Mapping[str, str]:
    """Each URI with who sends it, in the contract's order."""
    values = field_values(environment, shared, names)
    return {
        callback.uri.format_map({**values, "host": host}): callback.sender
        for callback in OAUTH_CALLBACKS
        for host in environment.hosts
    }
