"""Terraform in a stack's folder, with its built-in provider: no registry and no cloud."""

import json
from pathlib import Path

import pytest

from delivery.plan.document import Plan
from delivery.plan.hash import plan_hash
from delivery.plan.sanitizing import published
from delivery.terraform.acting_role import planned_by
from delivery.terraform.workspace import CommandFailedError
from modules.model.acting_role import DEPLOY, PLAN
from tests.delivery.terraform.local_stack import stored, workspace


def test_apply_applies_the_saved_plan(tmp_path: Path) -> None:
    """Even if the configuration has changed since."""
    stack = workspace(tmp_path)
    stack.plan(DEPLOY, lock=True)
    assert [row.address for row in Plan.parse(json.dumps(stack.document())).resources] == ["terraform_data.x"]
    assert '+ input  = "one"' in stack.text()
    assert stack.plan_file.stat().st_mode & 0o077 == 0
    workspace(tmp_path, "two")
    stack.apply()
    assert stored(stack) == "one"
    assert not stack.plan_file.exists()


def test_the_plan_roles_plan_has_the_same_hash_as_the_deploys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stack = workspace(tmp_path)
    monkeypatch.setenv("TF_VAR_role", "leftover")
    documents = []
    for role in (PLAN, DEPLOY):
        stack.plan(role, lock=True)
        documents.append(stack.document())
    assert [planned_by(row) for row in documents] == [PLAN, DEPLOY]
    reviewed, fresh = (
        {key: value for key, value in published(row, key=None).items() if key != "timestamp"} for row in documents
    )
    assert reviewed == fresh
    hashes = {plan_hash(Plan.parse(json.dumps(row)), {}) for row in documents}
    assert len(hashes) == 1


def test_a_states_lineage_exists_from_the_first_apply_and_stays(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    stack = workspace(tmp_path)
    stack.plan(DEPLOY, lock=True)
    assert stack.lineage() is None
    stack.apply()
    lineage = stack.lineage()
    assert lineage
    workspace(tmp_path, "two").plan(DEPLOY, lock=True)
    assert stack.lineage() == lineage
    stack.apply()
    assert stack.lineage() == lineage
    captured = capfd.readouterr()
    assert lineage not in captured.out + captured.err


def test_a_state_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    stack = workspace(tmp_path)
    stack.plan(DEPLOY, lock=True)
    (tmp_path / "terraform.tfstate").write_text("{")
    with pytest.raises(CommandFailedError, match="terraform state pull ended with 1"):
        stack.lineage()


def test_a_plan_for_an_outdated_state_is_refused(tmp_path: Path) -> None:
    stack = workspace(tmp_path)
    stack.plan(DEPLOY, lock=True)
    old = stack.plan_file.read_bytes()
    stack.apply()
    stack.plan_file.write_bytes(old)
    with pytest.raises(CommandFailedError, match="terraform apply ended with 1") as refused:
        stack.apply()
    assert "Saved plan is stale" in refused.value.log


def test_a_failed_plan_leaves_no_plan_and_says_why(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    stack = workspace(tmp_path)
    stack.plan(DEPLOY, lock=False)
    workspace(tmp_path, "${nothing.at_all}")
    with pytest.raises(CommandFailedError, match="terraform plan ended with 1") as failed:
        stack.plan(DEPLOY, lock=False)
    assert "Reference to undeclared resource" in failed.value.log
    assert "Reference to undeclared resource" in capfd.readouterr().out
    assert not stack.plan_file.exists()
    with pytest.raises(CommandFailedError, match="terraform show"):
        stack.document()


@pytest.mark.parametrize(
    ("variables", "readonly"),
    [
        ({"CI": "true"}, True),
        ({"CI": ""}, False),
        ({"CI": "true", "MOSAIC_CLOUD": "local", "AWS_ENDPOINT_URL": "http://127.0.0.1:1"}, False),
    ],
    ids=["a workflow on AWS", "by hand on AWS", "the local cloud"],
)
def test_on_aws_a_workflow_refuses_providers_without_checksums(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], *, readonly: bool
) -> None:
    """Terraform itself reports it, because a stack without a lock file would get one."""
    for name in ("CI", "MOSAIC_CLOUD", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    mirror, provider = tmp_path / "mirror", "registry.terraform.io/example/nothing/1.0.0"
    package = mirror / provider / "linux_amd64"
    package.mkdir(parents=True)
    (package / "terraform-provider-nothing_v1.0.0").write_text("#!/bin/sh\n")
    configuration = tmp_path / "terraform.rc"
    configuration.write_text(f'provider_installation {{\n  filesystem_mirror {{\n    path = "{mirror}"\n  }}\n}}\n')
    for name, value in {**variables, "TF_CLI_CONFIG_FILE": str(configuration)}.items():
        monkeypatch.setenv(name, value)
    stack = workspace(tmp_path / "stack")
    required = {"terraform": {"required_providers": {"nothing": {"source": "example/nothing", "version": "1.0.0"}}}}
    (stack.folder / "providers.tf.json").write_text(json.dumps(required))
    with pytest.raises(CommandFailedError) as failed:
        stack.plan(DEPLOY, lock=False)
    assert ("Provider dependency changes detected" in failed.value.log) == readonly
    assert (stack.folder / ".terraform.lock.hcl").exists() != readonly
