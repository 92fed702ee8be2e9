"""The checks of the rules that route public hosts to pods."""

from typing import Any

import pytest

from delivery.verification.ingress.rules import checks
from tests.delivery.conftest import Account
from tests.delivery.controllers_part import ControllersPart
from tests.delivery.verification.ingress.outcome import outcome

WEB, API = "stage.mosaiclife.me", "stage-api.mosaiclife.me"


class Shared:
    """The shared load balancer with production's rules at 1 and 2, and staging's at 11 and 12."""

    def __init__(self, part: ControllersPart) -> None:
        self.part = part
        self.https = part.https(part.load_balancer(), part.certificate("mosaiclife.me"))
        self.production = part.target_group("production", "mosaic-prod/core-api-core-api:8080")
        self.web = part.target_group("web", "mosaic-staging/web-web:80")
        self.api = part.target_group("api", "mosaic-staging/core-api-core-api:8080")
        part.rule(self.https, 1, self.production, hosts=["api.mosaiclife.me"])
        self.of_web = part.rule(self.https, 11, self.web, hosts=[WEB])
        self.of_api = part.rule(self.https, 12, self.api, hosts=[API])

    def said(self, application: str = "web") -> str:
        return outcome(checks, self.part.target, f"rules {application}")


@pytest.fixture
def shared(account: Account) -> Shared:
    return Shared(account())


def test_a_rule_for_each_host_is_accepted(shared: Shared) -> None:
    assert shared.said() == f"right: rule 11 ({WEB})"
    assert shared.said("core-api") == f"right: rule 12 ({API})"


def test_a_chart_with_a_named_port_has_the_same_rules(account: Account) -> None:
    part = account()
    https = part.https(part.load_balancer(), part.certificate("mosaiclife.me"))
    part.rule(https, 1, part.target_group("web", "mosaic-staging/web-web:http"), hosts=[WEB])
    assert outcome(checks, part.target, "rules web") == f"right: rule 1 ({WEB})"


def test_a_host_without_a_rule_is_waited_for(shared: Shared) -> None:
    shared.part.target.elbv2.delete_rule(RuleArn=shared.of_web)
    assert shared.said() == f"no rule leads {WEB} to its pods yet"
    assert all(check.waits for check in checks(shared.part.target))


def test_a_second_rule_for_a_host_is_reported(shared: Shared) -> None:
    shared.part.rule(shared.https, 20, shared.web, hosts=[WEB])
    assert shared.said() == f"{WEB} has 2 rules: rule 11 ({WEB}), rule 20 ({WEB})"


@pytest.mark.parametrize("written", [WEB, "stag?.mosaiclife.me", "*.mosaiclife.me", "STAGE.mosaiclife.me"])
def test_another_environments_earlier_rule_is_reported_with_its_owner(shared: Shared, written: str) -> None:
    shared.part.rule(shared.https, 2, shared.production, hosts=[written])
    assert shared.said() == (f"{WEB} is answered first by rule 2 ({written}) of mosaic-prod/core-api-core-api:8080")


def test_another_environments_later_rule_is_ignored(shared: Shared) -> None:
    shared.part.rule(shared.https, 30, shared.production, hosts=["*.mosaiclife.me"])
    assert shared.said() == f"right: rule 11 ({WEB})"


def test_others_earlier_rule_for_some_requests_is_reported(shared: Shared) -> None:
    method = {"Field": "http-request-method", "HttpRequestMethodConfig": {"Values": ["POST"]}}
    shared.part.rule(shared.https, 2, hosts=[WEB], more=[method])
    assert shared.said() == f"{WEB} is answered first by rule 2 ({WEB}), fixed-response"


def test_a_rule_for_only_some_requests_is_reported(shared: Shared) -> None:
    shared.part.target.elbv2.modify_rule(
        RuleArn=shared.of_web,
        Conditions=[
            {"Field": "host-header", "HostHeaderConfig": {"Values": [WEB]}},
            {"Field": "path-pattern", "PathPatternConfig": {"Values": ["/admin/*"]}},
        ],
    )
    assert shared.said() == f"rule 11 ({WEB}) leads only some requests for {WEB}"


@pytest.mark.parametrize("stranger", ["ap?.mosaiclife.me", "docs.mosaiclife.me"])
def test_a_host_outside_the_settings_is_reported(shared: Shared, stranger: str) -> None:
    """An ingress with the annotation conditions.web; the test above covers production's check."""
    shared.part.target.elbv2.modify_rule(
        RuleArn=shared.of_web,
        Conditions=[{"Field": "host-header", "HostHeaderConfig": {"Values": [WEB, stranger]}}],
    )
    assert shared.said() == f"rule 11 ({WEB}, {stranger}) leads {stranger} to its pods too"


def test_a_rule_for_every_host_is_reported(shared: Shared) -> None:
    shared.part.target.elbv2.modify_rule(
        RuleArn=shared.of_web, Conditions=[{"Field": "path-pattern", "PathPatternConfig": {"Values": ["/*"]}}]
    )
    assert shared.said() == "rule 11 (every host) leads every host to its pods too"


def test_a_rule_to_a_second_target_group_is_reported(shared: Shared) -> None:
    groups = [{"TargetGroupArn": arn, "Weight": 1} for arn in (shared.web, shared.production)]
    action: Any = {"Type": "forward", "ForwardConfig": {"TargetGroups": groups}}
    shared.part.target.elbv2.modify_rule(RuleArn=shared.of_web, Actions=[action])
    assert shared.said() == f"rule 11 ({WEB}) leads to 2 target groups"


def test_production_reports_stagings_wildcard(account: Account) -> None:
    part = account("prod")
    https = part.https(part.load_balancer(), part.certificate("mosaiclife.me"))
    staging = part.target_group("staging", "mosaic-staging/web-web:80")
    own = part.target_group("own", "mosaic-prod/core-api-core-api:8080")
    part.rule(https, 1, staging, hosts=[WEB, "ap?.mosaiclife.me"])
    for priority, host in enumerate(("api.mosaiclife.me", "backend.mosaiclife.me"), 2):
        part.rule(https, priority, own, hosts=[host])
    assert outcome(checks, part.target, "rules core-api") == (
        f"api.mosaiclife.me is answered first by rule 1 ({WEB}, ap?.mosaiclife.me) of mosaic-staging/web-web:80"
    )


def test_a_paused_environment_has_no_rules_to_check(account: Account) -> None:
    assert list(checks(account(paused=True).target)) == []
