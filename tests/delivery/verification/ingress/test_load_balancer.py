"""The checks of the load balancer, and of a paused environment's leftovers on it."""

import pytest
from moto.backends import get_backend

from delivery.verification.ingress.load_balancer import checks
from tests.delivery.conftest import Account
from tests.delivery.verification.ingress.outcome import outcome


def test_an_active_load_balancer_of_the_group_is_accepted(account: Account) -> None:
    part = account()
    part.load_balancer()
    part.load_balancer("other", group="docs")
    assert outcome(checks, part.target, "load balancer") == "right: shared, active"


def test_a_load_balancer_that_does_not_exist_yet_is_waited_for(account: Account) -> None:
    part = account()
    part.load_balancer(group="docs")
    part.load_balancer("theirs", cluster="another")
    (check,) = checks(part.target)
    assert check.waits
    said = outcome(checks, part.target, "load balancer")
    assert said == "the controller has created none for group mosaic-life-main yet"


def test_on_the_local_cloud_the_controller_may_still_be_starting(account: Account) -> None:
    part = account()
    object.__setattr__(part.target, "local", True)
    assert outcome(checks, part.target, "load balancer") == (
        "the controller has created none for group mosaic-life-main yet "
        "(its controller may not be started yet: python -m local finish waits for it)"
    )


def test_a_failed_load_balancer_is_reported(account: Account) -> None:
    part = account()
    arn = part.load_balancer()
    # moto never makes one fail.
    get_backend("elbv2")[arn.split(":")[4]]["us-east-1"].load_balancers[arn].state = "failed"
    assert outcome(checks, part.target, "load balancer") == "shared is failed and internet-facing"


def test_an_internal_load_balancer_is_reported(account: Account) -> None:
    part = account()
    part.load_balancer(internal=True)
    assert outcome(checks, part.target, "load balancer") == "shared is active and internal"


def test_two_load_balancers_of_one_group_are_reported(account: Account) -> None:
    part = account()
    part.load_balancer()
    part.load_balancer("second")
    assert outcome(checks, part.target, "load balancer") == "shared, second all belong to group mosaic-life-main"


def test_an_own_load_balancer_has_its_own_group(account: Account) -> None:
    part = account("prod", alb="own")
    part.load_balancer()
    assert "none for group mosaic-life-prod yet" in outcome(checks, part.target, "load balancer")
    part.load_balancer("own", group="mosaic-life-prod")
    assert outcome(checks, part.target, "load balancer") == "right: own, active"


def test_a_paused_environment_with_no_leftovers_is_accepted(account: Account) -> None:
    part = account(paused=True)
    part.load_balancer()
    part.target_group("others", "mosaic-prod/web-web:80")
    part.target_group("neighbour", "mosaic-staging/docs-staging-docs-staging:80")
    part.target_group("theirs", "mosaic-staging/web-web:80", cluster="another")
    assert outcome(checks, part.target, "paused load balancer") == "right: no target group, so no rule"


@pytest.mark.parametrize("owner", ["mosaic-staging/web-web:80", "mosaic-staging/core-api-core-api:http"])
def test_a_target_group_left_by_a_paused_environment_is_reported(account: Account, owner: str) -> None:
    part = account(paused=True)
    part.target_group("left", owner)
    assert outcome(checks, part.target, "paused load balancer") == f"target group left of {owner} is left"


def test_a_load_balancer_left_by_a_paused_environment_is_reported(account: Account) -> None:
    part = account("prod", alb="own", paused=True)
    part.load_balancer()
    assert outcome(checks, part.target, "paused load balancer").startswith("right")
    part.load_balancer("own", group="mosaic-life-prod")
    assert outcome(checks, part.target, "paused load balancer") == "load balancer own is left"
