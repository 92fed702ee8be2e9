"""Other ingresses on the load balancer: annotations that stop its controller, rules for the environment's hosts."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from delivery.account.error import AbsentError
from delivery.account.load_balancer import listeners
from delivery.account.target_group import TargetGroup, target_groups
from delivery.doctor.examination import Examination
from delivery.doctor.finding import Fact, Finding, Once, fine, in_the_way
from delivery.doctor.load_balancer import balancers
from delivery.verification.ingress.rules import named
from environments.applications import CORE_API, WEB
from environments.schema.settings import Environment
from modules.model.kubernetes.ingress_annotations import ATTRIBUTES, GROUP, ORDER, TAGS
from modules.model.listener_rule import Rule, answering
from modules.model.names import load_balancer_group

_INGRESSES = "/apis/networking.k8s.io/v1/ingresses"


@dataclass(frozen=True, kw_only=True)
class Ingress:
    """An ingress of the group. order: the position of its rules in the group. annotations: all of them."""

    namespace: str
    name: str
    order: int
    annotations: Mapping[str, str]

    @classmethod
    def of(cls, metadata: Mapping[str, Any]) -> "Ingress":
        """Return the ingress with this metadata."""
        annotations: Mapping[str, str] = metadata.get("annotations", {})
        # 0 is the controller's default; anything that is not a number is an error for it.
        order = annotations.get(ORDER, "0")
        return cls(
            namespace=metadata["namespace"],
            name=metadata["name"],
            order=int(order) if order.isdecimal() else 0,
            annotations=annotations,
        )

    def __str__(self) -> str:
        return f"{self.namespace}/{self.name}"


def facts(examination: Examination) -> Iterator[Fact]:
    """Tags and attributes on which the group's ingresses contradict each other, and other teams' rules."""
    target = examination.target
    group = load_balancer_group(target.environment, target.shared)
    others = Once(lambda: _others(examination, group))
    yield Fact(
        name="load balancer's tags",
        settings=f"no two ingresses of group {group} disagree",
        read=lambda: conflict(others()),
    )
    yield Fact(
        name="load balancer's rules",
        settings=f"nobody else's for {', '.join(target.environment.hosts)}",
        read=lambda: _rules(examination, group, others()),
    )


def _others(examination: Examination, group: str) -> list[Ingress]:
    """The group's ingresses in the order of their rules, without those that a deploy of the environment creates."""
    own = {(examination.target.names.namespace, application.name) for application in (WEB, CORE_API)}
    try:
        items: list[dict[str, Any]] = examination.target.kubernetes_api.get(_INGRESSES)["items"]
    except AbsentError:
        items = []
    found = [
        Ingress.of(item["metadata"]) for item in items if _class_of(item) == examination.target.shared.ingress_class
    ]
    others = [it for it in found if it.annotations.get(GROUP) == group and (it.namespace, it.name) not in own]
    return sorted(others, key=lambda it: (it.order, str(it)))


def _class_of(item: Mapping[str, Any]) -> str | None:
    # The older form, which takes precedence in the controller.
    named: str | None = item["metadata"].get("annotations", {}).get("kubernetes.io/ingress.class")
    return named or item["spec"].get("ingressClassName")


def conflict(ingresses: Iterable[Ingress]) -> Finding:
    """Whether two ingresses of a group set different values for a tag or attribute; the controller then does nothing.

    ingresses: in the order of their rules; the first one to set a value is assumed to be right.
    """
    said: dict[tuple[str, str], dict[str, list[Ingress]]] = defaultdict(lambda: defaultdict(list))
    for ingress in ingresses:
        for annotation in (TAGS, ATTRIBUTES):
            for key, value in _pairs(ingress.annotations.get(annotation, "")):
                said[annotation, key][value].append(ingress)
    for (annotation, key), by_value in said.items():
        if len(by_value) > 1:
            _, *others = by_value.values()
            return in_the_way(
                "; ".join(f"{key}={value} of {', '.join(map(str, of))}" for value, of in by_value.items())
                + f" in {annotation}: the controller stops there, and no longer changes anything in the group",
                " && ".join(
                    f"kubectl -n {it.namespace} annotate ingress {it.name} {annotation}-" for of in others for it in of
                )
                + ", and its owner removes it at its source",
            )
    return fine("none do")


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    for pair in filter(None, map(str.strip, text.split(","))):
        key, _, value = pair.partition("=")
        yield key.strip(), value.strip()


def _rules(examination: Examination, group: str, others: Sequence[Ingress]) -> Finding:
    target = examination.target
    found = [balancer for balancer in balancers(examination) if balancer.group == group]
    https = [it for balancer in found for it in listeners(target.elbv2, balancer) if it.protocol == "HTTPS"]
    if not https:
        return fine("no HTTPS listener yet, so none")
    return foreign_rules(
        [rule for listener in https for rule in listener.rules],
        groups=target_groups(target.elbv2, target.shared.cluster),
        others=others,
        environment=target.environment,
        namespace=target.names.namespace,
    )


def foreign_rules(
    rules: Sequence[Rule],
    *,
    groups: Mapping[str, TargetGroup],
    others: Sequence[Ingress],
    environment: Environment,
    namespace: str,
) -> Finding:
    """Whether other rules answer the environment's hosts before its own do, or would once a deploy has created those.

    groups: the controller's target groups by ARN. others: the group's other ingresses. namespace: the environment's.
    """
    problems, remedies = [], []
    for application, workload in ((WEB, environment.web), (CORE_API, environment.core_api)):
        for host in workload.hosts:
            for rule in answering(rules, host):
                if rule.priority is None or _is_of(namespace, rule, groups):
                    break
                owner = _owner(rule, groups, others)
                if owner and owner.order > workload.ingress_order:
                    # It comes after the rule that a deploy creates.
                    continue
                problems.append(f"{named(rule, groups)} answers {host} before {application.name}")
                above = f", or give it a group.order above {workload.ingress_order}" if owner else ""
                remedies.append(f"take {host} out of the rules of {owner or named(rule, groups)}{above}")
    if problems:
        return in_the_way("; ".join(problems), "; ".join(remedies))
    return fine("none before ours")


def _is_of(namespace: str, rule: Rule, groups: Mapping[str, TargetGroup]) -> bool:
    """Whether a rule forwards to one of the environment's applications."""
    return any(
        groups[arn].is_of(namespace, application.name, application.name)
        for arn in rule.target_groups
        if arn in groups
        for application in (WEB, CORE_API)
    )


def _owner(rule: Rule, groups: Mapping[str, TargetGroup], ingresses: Iterable[Ingress]) -> Ingress | None:
    """The ingress behind a rule's target group; None if the rule has no target group, or an unknown ingress's."""
    owners = [groups[arn].owner for arn in rule.target_groups if arn in groups]
    fitting = [it for it in ingresses if any(owner.startswith(f"{it}-") for owner in owners)]
    return max(fitting, key=lambda it: len(it.name), default=None)
