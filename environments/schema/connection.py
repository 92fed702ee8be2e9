"""A TCP connection that a network policy allows beyond what every environment needs."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from environments.schema.base import Settings
from environments.schema.formats import KubernetesName


class Connection(Settings):
    """TCP connections of a namespace's pods that are open beyond those that every environment needs.

    direction: ``in`` to these pods, or ``out`` of them. peer: another namespace, the pods of their own namespace, the
    load balancer (in only), or the whole VPC (out only: on EKS the pods of every environment have addresses in it).
    namespace: the other namespace.
    """

    direction: Literal["in", "out"]
    port: Annotated[int, Field(ge=1, le=65535)]
    peer: Literal["namespace", "own namespace", "load balancer", "vpc"]
    namespace: KubernetesName | None = None

    @model_validator(mode="after")
    def _peer_is_complete(self) -> Self:
        if (self.peer == "namespace") is not (self.namespace is not None):
            raise ValueError(f'namespace is {self.namespace!r} with peer={self.peer!r}; allowed: with peer="namespace"')
        if (self.direction, self.peer) == ("in", "vpc"):
            raise ValueError("connections in from the VPC would admit every other environment; allowed: out")
        if (self.direction, self.peer) == ("out", "load balancer"):
            raise ValueError("nothing connects to the load balancer's own addresses; allowed: in")
        return self
