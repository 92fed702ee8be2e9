"""The network policies of the namespace must not be loosened.

Source: https://kubernetes.io/docs/concepts/services-networking/network-policies/
"""

import json
import re
from collections.abc import Iterator
from ipaddress import ip_network

from delivery.plan.differences import differences
from delivery.plan.document import ResourceChange
from delivery.policy.rules.rule import Blocks, Finding, Review, Rule, at, texts
from delivery.policy.rules.traffic import ANY_PORT, ANYBODY, Opening, address_range, lies_in, openings, selector
from environments.schema.neighbour import Neighbour
from modules.model.capabilities import connections_of
from modules.model.link_local import LINK_LOCAL
from modules.model.names import ALLOW, DEFAULT_DENY

_DIRECTIONS = {"Ingress", "Egress"}
_NAMESPACE = re.compile(r'namespaces \{"kubernetes\.io/metadata\.name": "([a-z0-9-]+)"\}( and pods .*)?')
_HTTPS = "TCP 443"
_DNS = ("TCP 53", "UDP 53")
_EVERYWHERE = ("0.0.0.0/0", "::/0")


def _find(review: Review) -> Iterator[Finding]:
    for change in review.changes("kubernetes_network_policy"):
        yield from _judge(review, change)


def _for_neighbours(review: Review) -> Iterator[Finding]:
    for change in review.changes("kubernetes_network_policy"):
        for opening in _new_openings(review, change):
            if neighbour := _neighbour(review, change, opening):
                words = "would also let traffic through {}, for neighbour {}"
                yield Finding.of(change.address, words, opening, neighbour.name)


def _neighbour(review: Review, change: ResourceChange, opening: Opening) -> Neighbour | None:
    """The neighbour whose settings allow this: traffic from or to its own pods, on a port that they name."""
    selected = f"pods {selector(at(change.after, 'spec', 0, 'pod_selector'))}"
    for neighbour in review.environment.neighbours:
        pods = f"pods {json.dumps(dict(neighbour.labels), sort_keys=True)}"
        ports = {f"TCP {connection.port}" for connection in neighbour.connections}
        if (
            opening.port in ports
            and not _is_for_anybody(opening)
            and (selected == pods or (opening.direction, opening.peer) == ("egress", pods))
        ):
            return neighbour
    return None


def _judge(review: Review, change: ResourceChange) -> Iterator[Finding]:
    if review.lapses(change):
        yield Finding.of(change.address, "would be gone, if only for a while: what it forbids is allowed then")
    if change.after is None:
        return
    directions = texts(at(change.after, "spec", 0, "policy_types"))
    if change.before is not None:
        # The provider reads an empty selector's labels as null, but has {} in the plan of any change.
        if differences(*(at(side, "spec", 0, "pod_selector") for side in (change.before, change.after))):
            yield Finding.of(change.address, "would be about other pods than before")
        limited = texts(at(change.before, "spec", 0, "policy_types"))
    else:
        name = at(change.after, "metadata", 0, "name")
        limited = _DIRECTIONS if name in (DEFAULT_DENY, ALLOW) else set()
        if limited and selector(at(change.after, "spec", 0, "pod_selector")) != "all":
            yield Finding.of(change.address, "would be about some pods only")
        if name == DEFAULT_DENY and openings(change.after):
            yield Finding.of(change.address, "would let traffic through, although it is the one that denies")
    for direction in sorted(limited - directions):
        yield Finding.of(change.address, "would no longer limit {}", direction)
    for opening in _new_openings(review, change):
        if not _neighbour(review, change, opening):
            yield Finding.of(change.address, "would also let traffic through {}", opening)


def _new_openings(review: Review, change: ResourceChange) -> Iterator[Opening]:
    """What the policy did not allow before; in a new namespace, without what the settings explain. Policies add up."""
    before, after = openings(change.before), openings(change.after)
    new_namespace = any(change.is_new for change in review.changes("kubernetes_namespace"))
    for opening in after:
        is_new = not any(known.includes(opening) for known in before)
        if is_new and not (new_namespace and change.before is None and _is_explained(review, opening)):
            yield opening


def _is_explained(review: Review, opening: Opening) -> bool:
    """Whether every environment needs it, or a capability does."""
    if opening.port == ANY_PORT or opening.peer == ANYBODY:
        return False
    connections = {
        (connection.namespace or connection.peer, f"TCP {connection.port}")
        for connection in connections_of(review.environment)
    }
    if namespace := _NAMESPACE.fullmatch(opening.peer):
        return opening.port in _DNS or (namespace[1], opening.port) in connections
    if opening.peer.startswith("pods "):
        return True
    try:
        network, holes = address_range(opening.peer)
    except ValueError:
        return False
    vpc, link_local = ip_network(review.shared.vpc_cidr), ip_network(LINK_LOCAL)
    if lies_in(network, vpc):
        return network != vpc or (opening.direction, ("vpc", opening.port) in connections) == ("egress", True)
    excepted = all(any(lies_in(inner, hole) for hole in holes) for inner in (vpc, link_local))
    return (opening.direction, opening.port, excepted) == ("egress", _HTTPS, True)


def _is_for_anybody(opening: Opening) -> bool:
    return opening.direction == "ingress" and (opening.peer == ANYBODY or opening.peer.startswith(_EVERYWHERE))


RULES = (
    Rule(
        id="network-policy",
        danger="Isolation is loosened: network",
        reason="Only the network policies keep other environments' pods and the internet away from this environment's.",
        blocks=Blocks.ALWAYS,
        find=_find,
    ),
    Rule(
        id="network-of-neighbours",
        danger="Isolation is loosened for a neighbour: network",
        reason="A neighbour in the settings needs it, on the ports listed there.",
        blocks=Blocks.NEVER,
        find=_for_neighbours,
    ),
)
