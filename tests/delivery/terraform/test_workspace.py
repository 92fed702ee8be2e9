"""Terraform in a stack's folder, with the provider that Terraform itself holds: no registry and no cloud."""

import json
from pathlib import Path

import pytest

from delivery.plan.document import Action, Plan
from delivery.plan.hash import plan_hash
from delivery.terraform.workspace import CommandFailedError, Workspace


def workspace(folder: Path, value: str = "one", **resources: object) -> Workspace:
    """A stack of one resource that keeps a value, its state beside it."""
    folder.mkdir(parents=True, exist_ok=True)
    stack = {
        "terraform": {"backend": {"local": {}}},
        "resource": {"terraform_data": {"x": {"input": value}, **resources}},
    }
    (folder / "cdk.tf.json").write_text(json.dumps(stack))
    return Workspace(folder=folder)


def stored(place: Workspace) -> object:
    """What the state says."""
    state = place.folder / "terraform.tfstate"
    if not state.exists():
        return None
    return json.loads(state.read_text())["resources"][0]["instances"][0]["attributes"]["input"]["value"]


def test_the_saved_plan_is_what_is_applied(tmp_path: Path) -> None:
    """Even when the configuration has changed since."""
    place = workspace(tmp_path)
    place.plan(lock=True)
    assert [row.address for row in Plan.parse(json.dumps(place.document())).resources] == ["terraform_data.x"]
    assert '+ input  = "one"' in place.text()
    workspace(tmp_path, "two")
    place.apply()
    assert stored(place) == "one"
    assert not place.plan_file.exists()


def test_what_is_to_be_replaced_is_planned_and_recognised_again(tmp_path: Path) -> None:
    """The plan that was reviewed and the deploy's own have one hash, and it is not that of a plan without it."""
    place = workspace(tmp_path)
    place.plan(lock=True)
    place.apply()
    plans = []
    for arguments in (["-replace=terraform_data.x"], ["-replace=terraform_data.x"], []):
        place.plan(lock=True, arguments=arguments)
        plans.append(Plan.parse(json.dumps(place.document())))
    assert [row.action for row in plans[0].resources] == [Action.REPLACE]
    assert plan_hash(plans[0]) == plan_hash(plans[1]) != plan_hash(plans[2])


def test_a_plan_of_a_state_that_has_changed_since_is_refused(tmp_path: Path) -> None:
    place = workspace(tmp_path)
    place.plan(lock=True)
    old = place.plan_file.read_bytes()
    place.apply()
    place.plan_file.write_bytes(old)
    with pytest.raises(CommandFailedError, match="terraform apply ended with 1") as refused:
        place.apply()
    assert "Saved plan is stale" in refused.value.log


def test_a_failed_plan_leaves_none_and_says_why(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    place = workspace(tmp_path)
    place.plan(lock=False)
    workspace(tmp_path, "${nothing.at_all}")
    with pytest.raises(CommandFailedError, match="terraform plan ended with 1") as failed:
        place.plan(lock=False)
    assert "Reference to undeclared resource" in failed.value.log
    assert "Reference to undeclared resource" in capfd.readouterr().out
    assert not place.plan_file.exists()
    with pytest.raises(CommandFailedError, match="terraform show"):
        place.document()
