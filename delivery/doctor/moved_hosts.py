"""Hosts that moved to this environment in the settings while their previous environment still answers for them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from delivery.account.load_balancer import listeners
from delivery.account.target_group import TargetGroup, target_groups
from delivery.doctor.examination import Examination
from delivery.doctor.finding import Fact, Finding, fine, in_the_way
from delivery.doctor.load_balancer import balancers
from delivery.verification.ingress.rules import named
from modules.model.listener_rule import Rule
from modules.model.names import Names
from modules.model.selected_settings import SETTINGS


def facts(examination: Examination) -> Iterator[Fact]:
    """Other environments' rules for this one's hosts, on any load balancer; a paused environment needs no hosts."""
    environment = examination.target.environment
    if not environment.paused:
        yield Fact(
            name="moved hosts",
            settings=f"no other environment answers for {', '.join(environment.hosts)}",
            read=lambda: _read(examination),
            quick=True,
        )


def _read(examination: Examination) -> Finding:
    target = examination.target
    found = [listener for balancer in balancers(examination) for listener in listeners(target.elbv2, balancer)]
    others = [it for it in SETTINGS.load() if it.name != target.environment.name]
    return moved_hosts(
        [rule for listener in found for rule in listener.rules],
        groups=target_groups(target.elbv2, target.shared.cluster) if found else {},
        hosts=target.environment.hosts,
        others={Names.of(it, target.shared).namespace: it.name for it in others},
    )


def moved_hosts(
    rules: Iterable[Rule], *, groups: Mapping[str, TargetGroup], hosts: Sequence[str], others: Mapping[str, str]
) -> Finding:
    """Whether rules of other environments answer for these hosts.

    rules: of every load balancer. groups: the controller's target groups by ARN. others: the names of the other
    environments by namespace.
    """
    held: dict[str, list[str]] = defaultdict(list)
    for rule in rules:
        # Exact names only: a pattern is not a moved host, and ingress_group.py checks which rule comes first.
        answered = [host for host in hosts if host in map(str.lower, rule.hosts)]
        namespaces = {groups[arn].owner.partition("/")[0] for arn in rule.target_groups if arn in groups}
        for namespace in sorted(namespaces & others.keys() if answered else ()):
            held[others[namespace]].append(f"{named(rule, groups)} answers for {', '.join(answered)}")
    if not held:
        return fine("none does")
    return in_the_way(
        "; ".join(line for lines in held.values() for line in lines),
        " && ".join(f"make deploy ENV={name}" for name in sorted(held))
        + ", which gives them up; then deploy this environment (docs/verify.md#a-host-that-moves)",
    )
