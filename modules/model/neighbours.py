"""The network policies of an environment's neighbours."""

from environments.schema.neighbour import Neighbour


def policy_name(neighbour: Neighbour) -> str:
    """The name of the policy that opens what a neighbour needs beyond every pod. Only such a neighbour has one."""
    return f"neighbour-{neighbour.name}"
