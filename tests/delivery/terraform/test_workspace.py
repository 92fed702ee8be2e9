"""Terraform in a stack's folder, with the provider that Terraform itself holds: no registry and no cloud."""

import json
from pathlib import Path

import pytest

from delivery.plan.document import Action, Plan
from delivery.plan.hash import plan_hash
from delivery.terraform.workspace import CommandFailedError
from tests.delivery.terraform.local_stack import stored, workspace


def test_apply_does_what_the_saved_plan_says(tmp_path: Path) -> None:
    """Even when the configuration has changed since."""
    stack = workspace(tmp_path)
    stack.plan(lock=True)
    assert [row.address for row in Plan.parse(json.dumps(stack.document())).resources] == ["terraform_data.x"]
    assert '+ input  = "one"' in stack.text()
    workspace(tmp_path, "two")
    stack.apply()
    assert stored(stack) == "one"
    assert not stack.plan_file.exists()


def test_a_requested_replacement_is_planned_and_recognised_again(tmp_path: Path) -> None:
    """The plan that was reviewed and the deploy's own have one hash, and it is not that of a plan without it."""
    stack = workspace(tmp_path)
    stack.plan(lock=True)
    stack.apply()
    plans = []
    for arguments in (["-replace=terraform_data.x"], ["-replace=terraform_data.x"], []):
        stack.plan(lock=True, arguments=arguments)
        plans.append(Plan.parse(json.dumps(stack.document())))
    reviewed, fresh, without = plans
    assert [row.action for row in reviewed.resources] == [Action.REPLACE]
    assert plan_hash(reviewed) == plan_hash(fresh) != plan_hash(without)


def test_a_plan_of_a_state_that_has_changed_since_is_refused(tmp_path: Path) -> None:
    stack = workspace(tmp_path)
    stack.plan(lock=True)
    old = stack.plan_file.read_bytes()
    stack.apply()
    stack.plan_file.write_bytes(old)
    with pytest.raises(CommandFailedError, match="terraform apply ended with 1") as refused:
        stack.apply()
    assert "Saved plan is stale" in refused.value.log


def test_a_failed_plan_leaves_none_and_says_why(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    stack = workspace(tmp_path)
    stack.plan(lock=False)
    workspace(tmp_path, "${nothing.at_all}")
    with pytest.raises(CommandFailedError, match="terraform plan ended with 1") as failed:
        stack.plan(lock=False)
    assert "Reference to undeclared resource" in failed.value.log
    assert "Reference to undeclared resource" in capfd.readouterr().out
    assert not stack.plan_file.exists()
    with pytest.raises(CommandFailedError, match="terraform show"):
        stack.document()
