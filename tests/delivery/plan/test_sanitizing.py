"""The published plan has no sensitive value, and everything that guard, comment and hash need."""

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.plan.diff import output_lines, resource_lines
from delivery.plan.document import Plan
from delivery.plan.hash import plan_hash
from delivery.plan.sanitizing import published
from delivery.redaction.mask import Mask
from delivery.review.outcome import Planned
from tests.delivery.plan_documents import document, guard_result, real_document, real_plan, real_stack, resource
from tests.delivery.plans.scenarios import PLANTED, PROD, STAGING
from tests.delivery.redaction.writing import FORMS, secrets
from tests.delivery.review.comment_writing import comment, planned

PLANS = ["staging-create", *(f"staging-{name}" for name in STAGING), "prod-adopt", *(f"prod-{name}" for name in PROD)]
KEY = b"5f3c9a52-made-up-for-tests"
DIGEST = r"\(sensitive value [0-9a-f]{16}\)"


def published_changes(content: dict[str, Any], key: bytes | None) -> list[dict[str, Any]]:
    rows: Any = published(content, key=key)["resource_changes"]
    return [row["change"] for row in rows]


def read(content: dict[str, Any], stack: dict[str, Any] | None = None, key: bytes | None = KEY) -> Plan:
    return Plan.parse(json.dumps(published(content, key=key, stack=stack)))


@pytest.mark.parametrize("key", [KEY, None])
@pytest.mark.parametrize("name", [name for name in PLANS if name not in ("staging-planted", "prod-failed")])
def test_a_published_plan_gives_the_same_hash_and_the_same_comment(name: str, key: bytes | None) -> None:
    environment, stack = name.partition("-")[0], real_stack(name)
    plan = read(real_document(name), stack, key)
    assert plan_hash(plan, stack) == plan_hash(real_plan(name), stack)
    assert comment(planned(environment, plan, stack)) == comment(planned(environment, real_plan(name), stack))


def test_a_planted_secret_is_in_no_published_plan() -> None:
    text = json.dumps(published(real_document("staging-planted"), key=KEY))
    assert PLANTED not in text
    written = comment(planned("staging", Plan.parse(text), real_stack("staging-planted")))
    assert "env[PLANTED_SENSITIVE].value: (sensitive value)" in written
    assert "env[PLANTED_PLAIN].value: (sensitive value)" in written


def test_secrets_outside_the_changes_are_left_out() -> None:
    secret = "s3cr3t-of-the-state"
    content = document(
        resource("aws_iam_role", "change", {"a": "1"}, {"a": "2"}, after_identity={"a": secret}),
        prior_state={"values": secret},
        planned_values={"outputs": secret},
        variables={"password": {"value": secret}},
    )
    content["configuration"]["root_module"] = {"resources": [{"expressions": {"a": {"constant_value": secret}}}]}
    assert secret not in json.dumps(published(content, key=KEY))


def test_the_key_is_in_no_published_plan() -> None:
    row = resource("aws_iam_role", "change", {"a": "1"}, {"a": f"arn:x/{KEY.decode()}", KEY.decode(): "x"})
    assert KEY.decode() not in json.dumps(published(document(row), key=KEY))


def test_a_sensitive_mark_covers_a_whole_block_and_every_repetition_of_its_values() -> None:
    secret = 'a "quoted" secret'
    row = resource(
        "aws_iam_role",
        "create",
        None,
        {
            "block": {"k3y-0f-1t": [secret, 4711]},
            "policy": json.dumps({"Sid": secret}),
            "list": ["plain", secret],
            "plain": {"k3y-0f-1t": 1, "is": {}},
            "empty": {},
        },
        after_sensitive={"block": True, "list": [False, True], "empty": True},
        after_unknown={"block": {"k3y-0f-1t": [False, True]}, "plain": {"k3y-0f-1t": False, "later": True}},
    )
    [change] = published_changes(document(row), None)
    assert change["after"] == {
        "block": "(sensitive value 1)",
        "policy": "(sensitive value 2)",
        "list": ["plain", "(sensitive value 3)"],
        "plain": {"(sensitive value 4)": 1, "is": {}},
        "empty": {},
    }
    assert change["after_sensitive"] == {
        "block": True,
        "policy": True,
        "list": [False, True],
        "plain": {"(sensitive value 4)": False, "is": {}},
        "empty": True,
    }
    assert change["after_unknown"] == {"block": False, "plain": {"(sensitive value 4)": False, "later": True}}


def test_equal_values_have_equal_digests_that_depend_on_the_key() -> None:
    def after(key: bytes) -> dict[str, str]:
        row = resource(
            "aws_iam_role",
            "create",
            None,
            {"a": "one", "b": "one", "c": "two"},
            after_sensitive=dict.fromkeys("abc", True),
        )
        [change] = published_changes(document(row), key)
        values: dict[str, str] = change["after"]
        return values

    found = after(KEY)
    assert all(re.fullmatch(DIGEST, value) for value in found.values())
    assert found["a"] == found["b"] != found["c"]
    assert found == after(KEY)
    assert not set(found.values()) & set(after(b"another key").values())


def test_an_entirely_sensitive_resource_keeps_its_attribute_names() -> None:
    row = resource("aws_iam_role", "create", None, {"a": "one", "b": None}, after_sensitive=True)
    [change] = read(document(row)).resources
    assert {key: str(value) for key, value in (change.after or {}).items()} == {"a": "(sensitive value)", "b": "None"}


SECRET = "s3cr3t/with+parts"


def everywhere(secret: str) -> dict[str, Any]:
    """A plan that repeats a secret in every string except attribute names."""
    row = resource(
        "aws_iam_role",
        "replace",
        {"a": "old", "b": {secret: "x"}, "c": [f"<{secret}>"], "password": secret},
        {"a": f"{secret}!", "b": {secret: {}}, "password": secret, "map": {secret: secret}},
        name=f"x-{secret}",
        before_sensitive={"password": True},
        after_sensitive={"password": True, "map": True},
        after_unknown={"d": {secret: True}, "map": {secret: True}},
        replace_paths=[["b", secret]],
        importing={"id": secret, "identity": {"x": secret}},
        generated_config=f'a = "{secret}"',
    )
    row |= {
        "address": f'module.{secret}.aws_iam_role.x["{secret}"]',
        "previous_address": f'aws_iam_role.x["{secret}"]',
        "module_address": f"module.{secret}",
        "index": secret,
        "deposed": secret,
        "action_reason": f"because of {secret}",
    }
    content = document(row, output_changes={f"o-{secret}": {"actions": ["create"], "before": None, "after": secret}})
    content["configuration"]["provider_config"][secret] = {"expressions": {secret: {"constant_value": secret}}}
    return content


@given(secrets(), st.sampled_from(sorted(FORMS)), st.sampled_from([KEY, None]))
def test_a_secret_in_any_form_is_nowhere_in_a_published_plan_its_diff_and_its_comment(
    secret: str, form: str, key: bytes | None
) -> None:
    content = everywhere(FORMS[form](secret))
    row = content["resource_changes"][0]
    row["change"]["before"]["password"] = row["change"]["after"]["password"] = secret
    text = json.dumps(published(content, key=key))
    plan = Plan.parse(text)
    lines = [line for change in plan.resources for line in resource_lines(change, Mask(plan.secrets))]
    lines += [line for change in plan.outputs for line in output_lines(change, Mask(plan.secrets))]
    shown = [text, "\n".join(lines), comment(Planned(plan=plan, stack={}, guard_result=guard_result("staging")))]
    for said in shown:
        for other in FORMS.values():
            assert other(secret) not in said
            assert json.dumps(other(secret))[1:-1] not in said


@given(secrets(), st.sampled_from(sorted(FORMS)))
def test_a_secret_in_any_form_is_nowhere_in_the_lines_of_a_plan_as_terraform_shows_it(secret: str, form: str) -> None:
    content = everywhere(FORMS[form](secret))
    row = content["resource_changes"][0]
    row["change"]["before"]["password"] = row["change"]["after"]["password"] = secret
    plan = Plan.parse(json.dumps(content))
    mask = Mask(plan.secrets)
    lines = [line for change in plan.resources for line in resource_lines(change, mask)]
    lines += [line for change in plan.outputs for line in output_lines(change, mask)]
    for other in FORMS.values():
        assert not [line for line in lines if other(secret) in line]


@pytest.mark.parametrize("content", [{}, {"resource_changes": 1, "output_changes": [], "configuration": None}])
def test_publishing_an_invalid_plan_leaves_it_invalid(content: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="not a plan"):
        Plan.parse(json.dumps(published(content, key=KEY)))
