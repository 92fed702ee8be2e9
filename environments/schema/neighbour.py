"""Somebody else's pods in an environment's namespace, and what they need to keep running there."""

from collections.abc import Mapping
from typing import Annotated, Literal, Self, get_args

from pydantic import Field, model_validator

from environments.schema.base import Settings
from environments.schema.connection import Connection
from environments.schema.formats import Host, ImageRepository, KubernetesName, LabelKey, LabelValue

PodSecurity = Literal["restricted", "baseline", "privileged"]
# From the strictest to the weakest (https://kubernetes.io/docs/concepts/security/pod-security-standards/).
LEVELS: tuple[PodSecurity, ...] = get_args(PodSecurity)


class Neighbour(Settings):
    """Pods that somebody else runs in the environment's namespace, such as prerender or docs.

    name: of the network policy ``neighbour-NAME``, and in messages. labels: they must match exactly its pods.
    connections: its ports and who may connect to them, and what it connects to, beyond what every pod of the namespace
    may (docs/neighbours.md). pod_security: the strictest Pod Security Standard that its pods meet. The namespace
    enforces the weakest of all neighbours. images: repositories of its images beyond the account's own registry, as its
    pods write them. hosts: the public host names of its ingresses. load_balancer_group, load_balancer_order: the
    IngressGroup of its ingresses, and their position there (0 to 1000; 0, the controller's default, if they set none).
    """

    name: KubernetesName
    labels: Annotated[Mapping[LabelKey, LabelValue], Field(min_length=1)]
    connections: tuple[Connection, ...] = ()
    pod_security: PodSecurity = "restricted"
    images: tuple[ImageRepository, ...] = ()
    hosts: tuple[Host, ...] = ()
    load_balancer_group: KubernetesName | None = None
    load_balancer_order: Annotated[int, Field(ge=0, le=1000)] = 0

    @model_validator(mode="after")
    def _connections_are_there_once(self) -> Self:
        for connection in self.connections:
            if self.connections.count(connection) > 1:
                raise ValueError(
                    f"{self.name}: {connection.direction} {connection.peer!r} on {connection.port} is listed "
                    f"{self.connections.count(connection)} times; allowed: once"
                )
        return self

    @model_validator(mode="after")
    def _hosts_are_on_a_load_balancer(self) -> Self:
        if bool(self.hosts) is not bool(self.load_balancer_group):
            raise ValueError(
                f"{self.name}: hosts is {self.hosts!r} with load_balancer_group={self.load_balancer_group!r}; "
                "allowed: both, or neither"
            )
        return self


def selects(labels: Mapping[str, str], of_pod: Mapping[str, str]) -> bool:
    """Whether a selector with these labels matches a pod."""
    return labels.items() <= of_pod.items()


def weakest(neighbours: tuple[Neighbour, ...]) -> PodSecurity:
    """The Pod Security Standard that a namespace with these neighbours can enforce."""
    return max((neighbour.pod_security for neighbour in neighbours), key=LEVELS.index, default=LEVELS[0])
