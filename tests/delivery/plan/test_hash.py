"""The hash by which a deploy recognises the plan that was reviewed."""

import json
from typing import Any

import pytest

from delivery.plan.document import Plan
from delivery.plan.hash import plan_hash
from tests.delivery.plan_documents import plan, real_document, real_plan, resource


def test_the_hash_ignores_order_time_and_what_does_not_change() -> None:
    content = real_document("staging-image")
    content["resource_changes"].reverse()
    content["timestamp"] = "2030-01-01T00:00:00Z"
    rows = content["resource_changes"]
    content["resource_changes"] = [row for row in rows if row["change"]["actions"] != ["no-op"]]
    assert 0 < len(content["resource_changes"]) < len(rows)
    versions = 0
    for row in content["resource_changes"]:
        for side in ("before", "after"):
            for metadata in (row["change"][side] or {}).get("metadata", []):
                if "resource_version" in metadata:
                    metadata["resource_version"] = "999999"
                    versions += 1
    assert versions, "no resource_version was there to be ignored"
    shuffled = json.dumps({key: content[key] for key in reversed(content)})
    assert plan_hash(Plan.parse(shuffled)) == plan_hash(real_plan("staging-image"))


BASE = resource(
    "aws_iam_role", "change", {"a": "1", "b": ["x"], "c": None}, {"a": "2", "b": ["x"]}, after_unknown={"c": True}
)


@pytest.mark.parametrize(
    "change",
    [
        {"address": "aws_iam_role.y"},
        {"change": {**BASE["change"], "actions": ["delete", "create"]}},
        {"change": {**BASE["change"], "before": {"a": "0", "b": ["x"]}}},
        {"change": {**BASE["change"], "after": {"a": "3", "b": ["x"]}}},
        {"change": {**BASE["change"], "after": {"a": "2", "b": ["y"]}}},
        {"change": {**BASE["change"], "after": {"a": 2, "b": ["x"]}}},
        {"change": {**BASE["change"], "after_unknown": {}}},
        {"change": {**BASE["change"], "importing": {"id": "r"}}},
        {"previous_address": "aws_iam_role.old"},
    ],
    ids=[
        "another address",
        "replaced",
        "another value before",
        "another value after",
        "another item of a list",
        "a number for a string",
        "nothing unknown",
        "imported",
        "moved",
    ],
)
def test_the_hash_differs_with_what_is_done(change: dict[str, Any]) -> None:
    assert plan_hash(plan({**BASE, **change})) != plan_hash(plan(BASE))


def test_the_hash_differs_with_outputs_and_with_one_more_resource() -> None:
    output = {"x": {"actions": ["update"], "before": "a", "after": "b"}}
    plans = (
        plan(BASE),
        plan(BASE, output_changes=output),
        plan(BASE, resource("aws_iam_role", "destroy", {"id": "r"}, name="y")),
        plan(),
    )
    assert len(set(map(plan_hash, plans))) == len(plans)


def test_the_hash_says_nothing_about_a_sensitive_value() -> None:
    """Whoever guesses the value could otherwise try it."""
    marks: dict[str, Any] = {"before_sensitive": {"a": True}, "after_sensitive": {"a": True}}
    one, two = (
        plan(resource("aws_iam_role", "change", {"a": "old"}, {"a": value}, **marks)) for value in ("one", "two")
    )
    assert plan_hash(one) == plan_hash(two)
    assert plan_hash(one) != plan_hash(plan(resource("aws_iam_role", "change", {"a": "old"}, {"a": "old"}, **marks)))
