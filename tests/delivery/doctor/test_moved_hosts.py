"""doctor's rows about hosts that another environment still serves."""

import pytest

from delivery.account.target_group import TargetGroup
from delivery.doctor.finding import Finding, Mark
from delivery.doctor.moved_hosts import moved_hosts
from modules.model.listener_rule import Condition, Rule

WEB, API = "stage.mosaiclife.me", "stage-api.mosaiclife.me"
PROD = "mosaic-prod/web-web:80"


def rule(owner: str, *hosts: str) -> Rule:
    conditions = (Condition(field="host-header", values=hosts),) if hosts else ()
    return Rule(arn=owner, priority=7, conditions=conditions, kind="forward", target_groups=(owner,))


def found(*rules: Rule) -> Finding:
    groups = {arn: TargetGroup(arn=arn, name="", owner=arn) for it in rules for arn in it.target_groups}
    return moved_hosts(rules, groups=groups, hosts=(WEB, API), others={"mosaic-prod": "prod"})


@pytest.mark.parametrize(
    "rules",
    [
        (),
        (rule("mosaic-staging/web-web:80", WEB), rule(PROD, "mosaiclife.me")),
        # The fact about the load balancer's rules reports which of them come first.
        (rule(PROD, "*.mosaiclife.me"), rule(PROD), rule("docs/docs-docs:80", WEB)),
    ],
)
def test_hosts_that_no_other_environment_serves_are_ok(rules: tuple[Rule, ...]) -> None:
    assert found(*rules).mark is Mark.OK


def test_a_host_served_by_another_environment_is_reported_with_the_deploy_order() -> None:
    it = found(rule(PROD, "Stage.mosaiclife.me", "mosaiclife.me"))
    assert it.mark is Mark.IN_THE_WAY
    assert it.found == f"rule 7 (Stage.mosaiclife.me, mosaiclife.me) of {PROD} answers for {WEB}"
    assert it.remedy.startswith("make deploy ENV=prod, which gives them up; then deploy this environment")
