"""The policies of an environment that also connects to a cache in another namespace."""

from constructs import Construct

from environments.schema.connection import Connection
from modules.aws.shared_infrastructure import SharedInfrastructure
from modules.kubernetes.network_policies import NetworkPolicies
from modules.model.selected_settings import SETTINGS, SHARED

STAGING = SETTINGS.find("staging")


def example(scope: Construct) -> NetworkPolicies:
    shared = SharedInfrastructure(scope, "shared", environment=STAGING, shared=SHARED)
    return NetworkPolicies(
        scope,
        "network",
        namespace="mosaic-staging",
        labels={},
        container_port=8080,
        connections=[Connection(direction="out", peer="namespace", namespace="cache", port=6379)],
        shared=shared,
    )
