"""doctor's rows about other ingresses on the load balancer."""

import pytest

from delivery.account.target_group import TargetGroup
from delivery.doctor.finding import Finding, Mark
from delivery.doctor.ingress_group import Ingress, conflict, foreign_rules
from modules.model.listener_rule import Condition, Rule
from modules.model.selected_settings import SETTINGS

LOAD_BALANCER = "alb.ingress.kubernetes.io/"
STAGING = SETTINGS.find("staging")
WEB, API = STAGING.hosts


def ingress(name: str, namespace: str = "mosaic-prod", *, order: str | None = None, **annotations: str) -> Ingress:
    given = {f"{LOAD_BALANCER}{key.replace('_', '-')}": value for key, value in annotations.items()}
    given |= {f"{LOAD_BALANCER}group.order": order} if order else {}
    return Ingress.of({"namespace": namespace, "name": name, "annotations": given})


@pytest.mark.parametrize(
    "ingresses",
    [
        (),
        (ingress("web"),),
        (ingress("web", tags="Environment=prod"), ingress("core-api", tags=" Environment = prod , Component=api")),
        (ingress("web", tags="Environment=prod"), ingress("docs", load_balancer_attributes="Environment=docs")),
    ],
)
def test_consistent_ingresses_are_ok(ingresses: tuple[Ingress, ...]) -> None:
    assert conflict(ingresses).mark is Mark.OK


@pytest.mark.parametrize("annotation", ["tags", "load-balancer-attributes"])
def test_a_contradicting_ingress_is_reported_with_how_to_remove_it(annotation: str) -> None:
    key = annotation.replace("-", "_")
    found = conflict(
        (
            ingress("web", **{key: "Environment=prod,Project=MosaicLife"}),
            ingress("docs", "docs", **{key: "Project=MosaicLife, Environment=staging"}),
            ingress("core-api", **{key: "Environment=prod"}),
        )
    )
    assert found.mark is Mark.IN_THE_WAY
    assert found.found == (
        f"Environment=prod of mosaic-prod/web, mosaic-prod/core-api; Environment=staging of docs/docs in "
        f"{LOAD_BALANCER}{annotation}: the controller stops there, and no longer changes anything in the group"
    )
    assert found.remedy.startswith(f"kubectl -n docs annotate ingress docs {LOAD_BALANCER}{annotation}-, and its owner")


def rule(priority: int | None, owner: str, *hosts: str) -> Rule:
    conditions = (Condition(field="host-header", values=hosts),) if hosts else ()
    return Rule(arn=str(priority), priority=priority, conditions=conditions, kind="forward", target_groups=(owner,))


def found(*rules: Rule, others: tuple[Ingress, ...] = ()) -> Finding:
    groups = {arn: TargetGroup(arn=arn, name="", owner=arn) for it in rules for arn in it.target_groups}
    default = Rule(arn="default", priority=None, conditions=(), kind="fixed-response")
    return foreign_rules(
        [default, *rules], groups=groups, others=others, environment=STAGING, namespace="mosaic-staging"
    )


OWN_WEB, OWN_API = rule(11, "mosaic-staging/web-web:80", WEB), rule(12, "mosaic-staging/core-api-core-api:8080", API)
DOCS = "docs/docs-staging-docs:80"


@pytest.mark.parametrize(
    ("rules", "order"),
    [
        ((), None),
        ((OWN_WEB, OWN_API), None),
        ((rule(1, "mosaic-prod/web-web:80", "mosaiclife.me"),), None),
        # After ours, according to existing rules or those that a deploy will make.
        ((OWN_WEB, OWN_API, rule(20, DOCS, "*.mosaiclife.me")), None),
        ((rule(20, DOCS, "*.mosaiclife.me"),), "900"),
    ],
)
def test_rules_for_other_hosts_are_ok(rules: tuple[Rule, ...], order: str | None) -> None:
    others = (ingress("docs-staging", "docs", order=order), ingress("docs", "docs"))
    assert found(*rules, others=others).mark is Mark.OK


@pytest.mark.parametrize(
    ("rules", "order", "above"),
    [
        ((rule(1, DOCS, "stage.*"), OWN_WEB, OWN_API), "5", ", or give it a group.order above 110"),
        ((rule(20, DOCS, "stage.*"),), "110", ", or give it a group.order above 110"),
        ((rule(20, DOCS, "stage.*"),), None, ", or give it a group.order above 110"),
    ],
)
def test_a_rule_that_takes_a_host_is_reported_with_its_ingress(
    rules: tuple[Rule, ...], order: str | None, above: str
) -> None:
    it = found(*rules, others=(ingress("docs", "docs"), ingress("docs-staging", "docs", order=order)))
    assert it.mark is Mark.IN_THE_WAY
    assert it.found == f"{rules[0]} of {DOCS} answers {WEB} before web"
    assert it.remedy == f"take {WEB} out of the rules of docs/docs-staging{above}"


def test_a_rule_without_an_ingress_that_takes_a_host_is_reported() -> None:
    it = found(rule(1, "gone/web-web:80", API))
    assert it.mark is Mark.IN_THE_WAY
    assert it.found == f"rule 1 ({API}) of gone/web-web:80 answers {API} before core-api"
    assert it.remedy == f"take {API} out of the rules of rule 1 ({API}) of gone/web-web:80"
