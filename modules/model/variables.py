"""The environment variables of an application's container."""

from environments.applications import CORE_API
from environments.schema.contract import Application
from environments.schema.settings import Environment, Shared
from modules.model.capabilities import capabilities_of
from modules.model.kubernetes.environment_variables import EnvironmentVariables
from modules.model.names import Names
from modules.model.secrets import ApplicationSecrets
from modules.model.values import field_values


def variables_of(
    application: Application, *, environment: Environment, shared: Shared, names: Names
) -> EnvironmentVariables:
    """Every environment variable that the application and its migration read; only core-api gets those of capabilities.

    Raises ValueError for a reference to a Secret, or to a key of one, that the contract does not have.
    """
    values, secrets = field_values(environment, shared, names), ApplicationSecrets.of(environment, shared, names)
    variables = dict(application.variables)
    if application == CORE_API:
        for capability in capabilities_of(environment):
            variables |= capability.variables
    return {
        name: value.format_map(values) if isinstance(value, str) else secrets.key(value.secret, value.key)
        for name, value in variables.items()
    }
