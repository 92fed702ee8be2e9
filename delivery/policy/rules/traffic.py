"""The traffic that a network policy allows, in a form that can be compared with another policy's.

Source: https://kubernetes.io/docs/concepts/services-networking/network-policies/
"""

import json
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network

from delivery.policy.rules.rule import at, items, texts

ANYBODY = "anybody"
ANY_PORT = "any port"
_EXCEPT = " except "
Network = IPv4Network | IPv6Network


@dataclass(frozen=True, kw_only=True)
class Opening:
    """Traffic that a policy allows: direction, peer and port, each as text."""

    direction: str
    peer: str
    port: str

    def includes(self, other: "Opening") -> bool:
        """Whether the other opening is no wider."""
        return (
            self.direction == other.direction
            and (self.port in (ANY_PORT, other.port))
            and (self.peer in (ANYBODY, other.peer) or _contains(self.peer, other.peer))
        )

    def __str__(self) -> str:
        return f"{'from' if self.direction == 'ingress' else 'to'} {self.peer} on {self.port}"


def openings(attributes: object) -> list[Opening]:
    """The traffic that the policy with these attributes allows."""
    return [
        Opening(direction=direction, peer=peer, port=port)
        for direction, side in (("ingress", "from"), ("egress", "to"))
        for rule in items(at(attributes, "spec", 0, direction))
        for peer in [_peer(row) for row in items(at(rule, side))] or [ANYBODY]
        for port in [_port(row) for row in items(at(rule, "ports"))] or [ANY_PORT]
    ]


def _peer(row: object) -> str:
    block = at(row, "ip_block", 0)
    if block is not None:
        excepted = ", ".join(sorted(texts(at(block, "except"))))
        return f"{at(block, 'cidr')}{_EXCEPT if excepted else ''}{excepted}"
    selectors = {
        f"{what}s": selector(at(row, f"{what}_selector"))
        for what in ("namespace", "pod")
        if items(at(row, f"{what}_selector"))
    }
    return " and ".join(f"{what} {selector}" for what, selector in selectors.items()) or ANYBODY


def selector(blocks: object) -> str:
    """The pods or namespaces that a selector matches, as text; ``all`` if it excludes none."""
    parts = [
        value if isinstance(value, str) else json.dumps(value, sort_keys=True, default=str)
        for value in (at(blocks, 0, "match_labels"), at(blocks, 0, "match_expressions"))
        if value
    ]
    return " ".join(parts) or "all"


def _port(row: object) -> str:
    number, last = at(row, "port"), at(row, "end_port")
    if not number:
        return ANY_PORT
    return f"{at(row, 'protocol') or 'TCP'} {number}{f' to {last}' if last else ''}"


def _contains(peer: str, other: str) -> bool:
    """Whether one range contains the other: the inner one must omit or except whatever the outer one excepts."""
    try:
        (outer, outer_but), (inner, inner_but) = address_range(peer), address_range(other)
    except ValueError:
        return False
    return lies_in(inner, outer) and all(
        not hole.overlaps(inner) or any(lies_in(hole, excepted) for excepted in inner_but) for hole in outer_but
    )


def address_range(peer: str) -> tuple[Network, list[Network]]:
    """A range and its exceptions. Raises ValueError if the peer is not a range."""
    network, _, excepted = peer.partition(_EXCEPT)
    return ip_network(network), [ip_network(it) for it in excepted.split(", ") if it]


def lies_in(inner: Network, outer: Network) -> bool:
    """Whether the outer range contains every address of the inner one."""
    return inner.version == outer.version and inner.subnet_of(outer)  # type: ignore[arg-type]
