"""What of a plan may be downloaded: no sensitive value, and all that guard, comment and hash need."""

import json
from typing import Any

import pytest

from delivery.plan.document import Plan
from delivery.plan.hash import plan_hash
from delivery.plan.sanitizing import published
from tests.delivery.plan_documents import document, real_document, real_plan, real_stack, resource
from tests.delivery.plans.scenarios import PLANTED, PROD, STAGING
from tests.delivery.review.comment_writing import comment, planned

PLANS = ["staging-create", *(f"staging-{name}" for name in STAGING), "prod-adopt", *(f"prod-{name}" for name in PROD)]


def read(content: dict[str, Any], stack: dict[str, Any] | None = None) -> Plan:
    return Plan.parse(json.dumps(published(content, stack)))


@pytest.mark.parametrize("name", [name for name in PLANS if name not in ("staging-planted", "prod-failed")])
def test_a_published_plan_gives_the_same_hash_and_the_same_comment(name: str) -> None:
    environment, stack = name.partition("-")[0], real_stack(name)
    plan = read(real_document(name), stack)
    assert plan_hash(plan) == plan_hash(real_plan(name))
    assert comment(planned(environment, plan, stack)) == comment(planned(environment, real_plan(name), stack))


def test_a_planted_secret_is_in_no_published_plan() -> None:
    text = json.dumps(published(real_document("staging-planted")))
    assert PLANTED not in text
    written = comment(planned("staging", Plan.parse(text), real_stack("staging-planted")))
    assert "env[PLANTED_SENSITIVE].value: (sensitive value)" in written
    assert "env[PLANTED_PLAIN].value: (sensitive value)" in written


def test_a_secret_outside_of_the_changes_is_left_out() -> None:
    secret = "s3cr3t-of-the-state"
    content = document(
        resource("aws_iam_role", "change", {"a": "1"}, {"a": "2"}, after_identity={"a": secret}),
        prior_state={"values": secret},
        planned_values={"outputs": secret},
        variables={"password": {"value": secret}},
    )
    content["configuration"]["root_module"] = {"resources": [{"expressions": {"a": {"constant_value": secret}}}]}
    assert secret not in json.dumps(published(content))


def hashes(*values: tuple[object, object]) -> set[str]:
    marks: dict[str, Any] = {"before_sensitive": {"a": True}, "after_sensitive": {"a": True}}
    rows = [resource("aws_iam_role", "change", {"a": old}, {"a": new}, **marks) for old, new in values]
    return {plan_hash(read(document(row))) for row in rows}


def test_a_sensitive_value_still_changes_or_stays() -> None:
    assert len(hashes(("one", "two"), ("three", "four"))) == 1
    assert len(hashes(("one", "two"), ("same", "same"))) == 2
    assert len(hashes(({"x": ["one"]}, {"x": ["two"]}), ({"x": ["one"]}, {"x": ["one"]}))) == 2


def test_a_mark_covers_a_whole_block_and_its_values_are_hidden_wherever_they_are_repeated() -> None:
    secret = 'a "quoted" secret'
    row = resource(
        "aws_iam_role",
        "create",
        None,
        {"block": {"x": [secret, 4711]}, "policy": json.dumps({"Sid": secret}), "list": ["plain", secret]},
        after_sensitive={"block": True, "list": [False, True]},
    )
    content = published(document(row))
    [change] = (published_row["change"] for published_row in content["resource_changes"])  # type: ignore[attr-defined]
    assert change["after"] == {
        "block": {"x": ["(sensitive value 1)", "(sensitive value 2)"]},
        "policy": "(sensitive value 3)",
        "list": ["plain", "(sensitive value 1)"],
    }
    assert change["after_sensitive"] == {"block": {"x": [True, True]}, "policy": True, "list": [False, True]}


@pytest.mark.parametrize("content", [{}, {"resource_changes": 1, "output_changes": [], "configuration": None}])
def test_what_is_no_plan_is_still_none_when_it_is_published(content: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="not a plan"):
        Plan.parse(json.dumps(published(content)))
