"""A plan that does not say whether it is complete, such as OpenTofu's, is complete if nothing is missing from it."""

import json
from typing import Any

import pytest

from delivery.plan.document import Plan, PlanError
from delivery.plan.sanitizing import published
from tests.delivery.plan_documents import document, resource

NAMES = ("new", "kept", "gone")
ROWS = {
    "new": resource("aws_iam_role", "create", None, {"name": "new"}, name="new"),
    "kept": resource("aws_iam_role", "unchanged", {"name": "kept"}, {"name": "kept"}, name="kept"),
    "gone": resource("aws_iam_role", "destroy", {"name": "gone"}, name="gone"),
}


def unsaid(*names: str, more: dict[str, Any] | None = None, **configuration: object) -> dict[str, Any]:
    """OpenTofu's plan of a new, an unchanged and a removed role, with rows for these names only."""
    whole = document(*(ROWS[name] for name in names))
    declared = [_address("new", **(more or {})), _address("kept"), {"mode": "data", "address": "data.aws_lb.x"}]
    whole["configuration"]["root_module"] = {"resources": declared, **configuration}
    known = [{**_address(name), "type": "aws_iam_role", "name": name} for name in ("kept", "gone")]
    whole["prior_state"] = {"values": {"root_module": {"resources": known}}}
    del whole["complete"]
    return whole


def _address(name: str, **more: object) -> dict[str, object]:
    return {"mode": "managed", "address": f"aws_iam_role.{name}", **more}


def test_a_complete_plan_is_read() -> None:
    assert len(Plan.parse(json.dumps(unsaid(*NAMES))).resources) == len(NAMES)


@pytest.mark.parametrize("missing", NAMES)
def test_an_incomplete_plan_is_refused(missing: str) -> None:
    names = [name for name in NAMES if name != missing]
    with pytest.raises(
        PlanError, match=f"a plan of only a part: aws_iam_role.{missing} is missing; allowed: a plan of"
    ):
        Plan.parse(json.dumps(unsaid(*names)))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (
            unsaid(*NAMES, more={"count_expression": {"constant_value": 2}}),
            "the number of aws_iam_role.new is not",
        ),
        (unsaid(*NAMES, module_calls={"x": {}}), "it has modules"),
        ({key: value for key, value in document().items() if key != "complete"}, "neither `complete` nor its config"),
    ],
)
def test_a_plan_that_cannot_be_proved_complete_is_refused(content: dict[str, Any], said: str) -> None:
    with pytest.raises(PlanError, match=f"unknown extent: .*{said}"):
        Plan.parse(json.dumps(content))


def test_the_published_plan_says_what_was_proved() -> None:
    """The configuration and the state, which were the proof, are left out."""
    assert published(unsaid(*NAMES))["complete"] is True
    assert published(unsaid("new", "gone"))["complete"] is False
