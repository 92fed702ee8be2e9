"""A group whose members may list the cluster's nodes."""

from constructs import Construct

from modules.kubernetes.cluster_role import ClusterRole, PolicyRule


def example(scope: Construct) -> ClusterRole:
    return ClusterRole(
        scope,
        "node-readers",
        name="mosaic-node-readers",
        rules=[PolicyRule(api_group="", resources=["nodes"], verbs=["get", "list"])],
    )
