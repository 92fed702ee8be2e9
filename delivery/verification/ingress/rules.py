"""Checks that the load balancer's rules lead the public hosts, and no others, to this environment."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial

from delivery.account.error import CheckError
from delivery.account.load_balancer import listeners
from delivery.account.target import Target
from delivery.account.target_group import TargetGroup, target_groups
from delivery.verification.check import Check
from delivery.verification.ingress.listeners import https_listener, words
from delivery.verification.ingress.load_balancer import balancer_of, ingress_events, own_groups, patiently
from environments.applications import CORE_API, WEB
from environments.schema.contract import Application
from environments.schema.settings import Workload
from modules.model.listener_rule import Answers, Rule, answering
from modules.model.names import load_balancer_group


def checks(target: Target) -> Iterator[Check]:
    """Check the rules of each application on the HTTPS listener."""
    if target.environment.paused:
        return
    group, namespace = load_balancer_group(target.environment, target.shared), target.names.namespace
    for application, workload in ((WEB, target.environment.web), (CORE_API, target.environment.core_api)):
        yield Check(
            name=f"rules {application.name}",
            run=patiently(target, partial(_rules, target, group, application, workload)),
            expected=f"one rule for each of {', '.join(workload.hosts)}, to {namespace}/{application.name}, "
            "and no rule of others before it",
            look=f"aws elbv2 describe-rules; {ingress_events(target)}",
            waits=True,
        )


def _rules(target: Target, group: str, application: Application, workload: Workload) -> str:
    https = https_listener(listeners(target.elbv2, balancer_of(target, group)))
    groups = target_groups(target.elbv2, target.shared.cluster)
    own = {it.arn for it in own_groups(target, groups.values(), application)}
    problems = rule_problems(https.rules, groups=groups, own=own, hosts=workload.hosts)
    if problems:
        raise CheckError(", ".join(problems))
    return ", ".join(str(rule) for rule in https.rules if own.intersection(rule.target_groups))


def rule_problems(
    rules: Sequence[Rule], *, groups: Mapping[str, TargetGroup], own: set[str], hosts: Sequence[str]
) -> list[str]:
    """How a listener's rules differ from leading exactly these hosts to our target group, with one rule for each.

    groups: the controller's target groups by ARN. own: the ARNs of ours.
    """
    mine = [rule for rule in rules if own.intersection(rule.target_groups)]
    problems = []
    for host in hosts:
        leading = [rule for rule in mine if rule.answers(host) is not Answers.NEVER]
        if not leading:
            problems.append(f"no rule leads {host} to its pods yet")
        elif len(leading) > 1:
            problems.append(f"{host} has {len(leading)} rules: {', '.join(map(str, leading))}")
        elif leading[0].answers(host) is not Answers.ALWAYS:
            problems.append(f"{leading[0]} leads only some requests for {host}")
        problems += [f"{host} is answered first by {named(rule, groups)}" for rule in rules_before(rules, mine, host)]
    for rule in mine:
        strange = [name for name in rule.hosts or ("every host",) if name not in hosts]
        problems += [f"{rule} leads {name} to its pods too" for name in strange]
        if len(rule.target_groups) > 1:
            problems.append(f"{rule} leads to {len(rule.target_groups)} target groups")
    return problems


def rules_before(rules: Iterable[Rule], mine: Iterable[Rule], host: str) -> Iterator[Rule]:
    """Rules of others that answer requests for the host, up to the first of ours."""
    own = {rule.arn for rule in mine}
    for rule in answering(rules, host):
        if rule.arn in own or rule.priority is None:
            return
        yield rule


def named(rule: Rule, groups: Mapping[str, TargetGroup]) -> str:
    """A rule with the owners of its target groups. groups: the controller's by ARN."""
    owners = [groups[arn].owner if arn in groups else arn for arn in rule.target_groups]
    return f"{rule} of {', '.join(owners)}" if owners else f"{rule}, {words(rule)}"
