"""The network policies of the namespace must not be loosened.

Source: https://kubernetes.io/docs/concepts/services-networking/network-policies/
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network

from delivery.plan.differences import differences
from delivery.plan.document import ResourceChange
from delivery.policy.rules.rule import Blocks, Finding, Review, Rule, at, items, texts
from environments.schema.neighbour import Neighbour

_ANYBODY = "anybody"
_ANY_PORT = "any port"
_EVERYWHERE = ("0.0.0.0/0", "::/0")
_EXCEPT = " except "


@dataclass(frozen=True, kw_only=True)
class _Opening:
    """Traffic that a policy lets through: in or out, the other side, the port; each as text."""

    direction: str
    peer: str
    port: str

    def includes(self, other: "_Opening") -> bool:
        return (
            self.direction == other.direction
            and (self.port in (_ANY_PORT, other.port))
            and (self.peer in (_ANYBODY, other.peer) or _contains(self.peer, other.peer))
        )

    def __str__(self) -> str:
        return f"{'from' if self.direction == 'ingress' else 'to'} {self.peer} on {self.port}"


def _find(review: Review) -> Iterator[Finding]:
    for change in review.changes("kubernetes_network_policy"):
        yield from _judge(review, change)


def _for_neighbours(review: Review) -> Iterator[Finding]:
    for change in review.changes("kubernetes_network_policy"):
        for opening in _new_openings(review, change):
            if neighbour := _neighbour(review, change, opening):
                words = "would also let traffic through {}, for neighbour {}"
                yield Finding.of(change.address, words, opening, neighbour.name)


def _neighbour(review: Review, change: ResourceChange, opening: _Opening) -> Neighbour | None:
    """Whose settings allow this: traffic of its own pods, or to them, on a port that they name."""
    selector = f"pods {_selector(at(change.after, 'spec', 0, 'pod_selector'))}"
    for neighbour in review.environment.neighbours:
        pods = f"pods {json.dumps(dict(neighbour.labels), sort_keys=True)}"
        ports = {f"TCP {connection.port}" for connection in neighbour.connections}
        if (
            opening.port in ports
            and not _is_for_anybody(opening)
            and (selector == pods or (opening.direction, opening.peer) == ("egress", pods))
        ):
            return neighbour
    return None


def _judge(review: Review, change: ResourceChange) -> Iterator[Finding]:
    if review.lapses(change):
        yield Finding.of(change.address, "would be gone, if only for a while: what it forbids is allowed then")
    if change.after is None:
        return
    if change.before is not None:
        # An empty selector's labels are null as the provider reads them, and {} in the plan of any change.
        if differences(*(at(side, "spec", 0, "pod_selector") for side in (change.before, change.after))):
            yield Finding.of(change.address, "would be about other pods than before")
        for direction in sorted(_directions(change.before) - _directions(change.after)):
            yield Finding.of(change.address, "would no longer limit {}", direction)
    for opening in _new_openings(review, change):
        if not _neighbour(review, change, opening):
            yield Finding.of(change.address, "would also let traffic through {}", opening)


def _new_openings(review: Review, change: ResourceChange) -> Iterator[_Opening]:
    """Policies add up: a new one opens what none did before. In a new namespace only what nobody needs stands out."""
    before, after = _openings(change.before), _openings(change.after)
    new_namespace = any(change.is_new for change in review.changes("kubernetes_namespace"))
    for opening in after:
        if not any(known.includes(opening) for known in before) and (not new_namespace or _is_for_anybody(opening)):
            yield opening


def _directions(attributes: object) -> set[str]:
    return texts(at(attributes, "spec", 0, "policy_types"))


def _openings(attributes: object) -> list[_Opening]:
    return [
        _Opening(direction=direction, peer=peer, port=port)
        for direction, side in (("ingress", "from"), ("egress", "to"))
        for rule in items(at(attributes, "spec", 0, direction))
        for peer in [_peer(row) for row in items(at(rule, side))] or [_ANYBODY]
        for port in [_port(row) for row in items(at(rule, "ports"))] or [_ANY_PORT]
    ]


def _peer(row: object) -> str:
    block = at(row, "ip_block", 0)
    if block is not None:
        excepted = ", ".join(sorted(texts(at(block, "except"))))
        return f"{at(block, 'cidr')}{_EXCEPT if excepted else ''}{excepted}"
    selectors = {
        f"{what}s": _selector(at(row, f"{what}_selector"))
        for what in ("namespace", "pod")
        if items(at(row, f"{what}_selector"))
    }
    return " and ".join(f"{what} {selector}" for what, selector in selectors.items()) or _ANYBODY


def _selector(blocks: object) -> str:
    parts = [
        value if isinstance(value, str) else json.dumps(value, sort_keys=True, default=str)
        for value in (at(blocks, 0, "match_labels"), at(blocks, 0, "match_expressions"))
        if value
    ]
    return " ".join(parts) or "all"


def _port(row: object) -> str:
    number, last = at(row, "port"), at(row, "end_port")
    if not number:
        return _ANY_PORT
    return f"{at(row, 'protocol') or 'TCP'} {number}{f' to {last}' if last else ''}"


def _contains(peer: str, other: str) -> bool:
    """One address range lies in the other: what the outer one excepts, the inner one leaves out or excepts, too."""
    try:
        (outer, outer_but), (inner, inner_but) = _range(peer), _range(other)
    except ValueError:
        return False
    return _lies_in(inner, outer) and all(
        not hole.overlaps(inner) or any(_lies_in(hole, excepted) for excepted in inner_but) for hole in outer_but
    )


def _range(peer: str) -> tuple[IPv4Network | IPv6Network, list[IPv4Network | IPv6Network]]:
    """A range and what is excepted from it. Raises ValueError where the peer is none."""
    network, _, excepted = peer.partition(_EXCEPT)
    return ip_network(network), [ip_network(it) for it in excepted.split(", ") if it]


def _lies_in(inner: IPv4Network | IPv6Network, outer: IPv4Network | IPv6Network) -> bool:
    return inner.version == outer.version and inner.subnet_of(outer)  # type: ignore[arg-type]


def _is_for_anybody(opening: _Opening) -> bool:
    return opening.direction == "ingress" and (opening.peer == _ANYBODY or opening.peer.startswith(_EVERYWHERE))


RULES = (
    Rule(
        id="network-policy",
        danger="Isolation is loosened: network",
        reason="The network policies are all that keeps other environments' pods and the internet away from these.",
        blocks=Blocks.ALWAYS,
        find=_find,
    ),
    Rule(
        id="network-of-neighbours",
        danger="Isolation is loosened for a neighbour: network",
        reason="The settings name who needs it (neighbours), and on which ports.",
        blocks=Blocks.NEVER,
        find=_for_neighbours,
    ),
)
