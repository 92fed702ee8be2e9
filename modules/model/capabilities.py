"""What an environment's capabilities add: permissions, connections and variables."""

from collections.abc import Mapping, Sequence

from environments.applications import CAPABILITIES
from environments.schema.connection import Connection
from environments.schema.contract import Capability
from environments.schema.settings import Environment, Shared
from modules.model.names import Names
from modules.model.values import field_values

Statement = dict[str, object]


def capabilities_of(environment: Environment) -> Sequence[Capability]:
    """The capabilities that the environment names, in the contract's order."""
    return [capability for capability in CAPABILITIES if capability.name in environment.capabilities]


def connections_of(environment: Environment) -> Sequence[Connection]:
    """The connections that the environment's capabilities need."""
    return [connection for capability in capabilities_of(environment) for connection in capability.connections]


def permissions_of(environment: Environment, shared: Shared, names: Names) -> Mapping[str, Sequence[Statement]]:
    """The IAM statements of each capability that has any, by its name."""
    values = field_values(environment, shared, names)
    return {
        capability.name: [
            {
                "Effect": "Allow",
                "Action": list(permission.actions),
                "Resource": [resource.format_map(values) for resource in permission.resources],
                **(
                    {
                        "Condition": {
                            operator: {key: value.format_map(values) for key, value in keys.items()}
                            for operator, keys in permission.conditions.items()
                        }
                    }
                    if permission.conditions
                    else {}
                ),
            }
            for permission in capability.permissions
        ]
        for capability in capabilities_of(environment)
        if capability.permissions
    }
