"""A deploy applies the reviewed plan or nothing: with Terraform's real plan, and a stand-in for GitHub."""

import json

import boto3
import pytest

from delivery.commands.deploy_reviewed import main
from modules.model.acting_role import DEPLOY, PLAN
from modules.model.names import Names
from modules.model.selected_settings import SETTINGS, SHARED
from tests.delivery.command_line import KEYS
from tests.delivery.commands.reviewed_deploy import Deploy
from tests.delivery.terraform.local_stack import stored, workspace


def test_the_reviewed_plan_is_applied(deploy: Deploy, capsys: pytest.CaptureFixture[str]) -> None:
    deploy.review()
    assert main(["staging"]) == 0
    assert stored(deploy.workspace) == "one"
    assert "applying the plan: it is the plan reviewed in #7" in capsys.readouterr().out


def test_a_sensitive_value_that_was_not_reviewed_stops_the_deploy(
    deploy: Deploy, capfd: pytest.CaptureFixture[str]
) -> None:
    """The digest needs the state's lineage, which is not shown anywhere."""
    deploy.workspace.apply()
    lineage = deploy.workspace.lineage()
    assert lineage
    for value in ("two", "three"):
        workspace(deploy.workspace.folder, f'${{sensitive("{value}")}}').plan(DEPLOY, lock=True)
        deploy.allow(*deploy.guard_lines)
        if value == "two":
            deploy.review()
            reviewed = deploy.hash
    stack = deploy.stack
    assert main(["staging"]) == 1
    assert f"but #7 reviewed one with the hash {reviewed}" in deploy.last_comment
    workspace(deploy.workspace.folder, '${sensitive("two")}').plan(DEPLOY, lock=True)
    assert deploy.stack != stack
    assert main(["staging"]) == 0
    assert stored(deploy.workspace) == "two"
    captured = capfd.readouterr()
    shown = [captured.out, captured.err, *(row["body"] for row in deploy.github.comments[7])]
    assert not [text for text in shown if lineage in text]


@pytest.fixture
def account(empty_account: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A working AWS account."""
    for name, value in {**KEYS, "MOSAIC_CLOUD": "local", "AWS_ENDPOINT_URL": empty_account}.items():
        monkeypatch.setenv(name, value)


@pytest.mark.usefixtures("account")
@pytest.mark.parametrize(
    ("left", "said", "remedy"),
    [
        (
            "nothing",
            "if an error says that something already exists, an earlier run was killed before it stored its state: ",
            "make recover ENV=staging",
        ),
        (
            "a lock",
            "the state of staging is locked (apply of somebody@elsewhere, since now, lock a-b-c); if that run ",
            "make recover ENV=staging LOCK=a-b-c",
        ),
        ("no bucket", "cannot see whether the state is locked: An error occurred (NoSuchBucket)", ""),
    ],
)
def test_a_failed_apply_says_how_to_clean_up(
    deploy: Deploy,
    left: str,
    said: str,
    remedy: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The same advice as after `make deploy`."""
    s3 = boto3.client("s3", region_name=SHARED.region)
    bucket = Names.of(SETTINGS.find("staging"), SHARED).state_bucket
    if left != "no bucket":
        s3.create_bucket(Bucket=bucket)
    if left == "a lock":
        lock = {"ID": "a-b-c", "Operation": "OperationTypeApply", "Who": "somebody@elsewhere", "Created": "now"}
        s3.put_object(Bucket=bucket, Key="staging/terraform.tfstate.tflock", Body=json.dumps(lock))
    failing = {"provisioner": [{"local-exec": {"command": "echo refused; exit 3"}}]}
    workspace(deploy.workspace.folder, failing=failing).plan(DEPLOY, lock=True)
    deploy.allow(*deploy.guard_lines)
    deploy.review()
    assert main(["staging"]) == 1
    captured = capsys.readouterr()
    assert captured.out.count("exit status 3. Output: refused") == 1
    first, note = captured.err.splitlines()
    assert first == "error: terraform apply ended with 1"
    assert note.startswith(f"note: {said}")
    assert note.endswith(remedy)


def test_a_plan_that_differs_from_the_reviewed_one_stops_the_deploy_and_posts_the_difference(
    deploy: Deploy, capsys: pytest.CaptureFixture[str]
) -> None:
    deploy.review()
    workspace(deploy.workspace.folder, "two").plan(DEPLOY, lock=True)
    fresh = deploy.hash
    assert deploy.is_stopped()
    assert "## ⛔ staging was not deployed" in deploy.last_comment
    assert "- + input: one\n+ + input: two" in deploy.last_comment
    assert f"\nplan-guard: allow reviewed-plan staging:{fresh} because\n" in deploy.last_comment
    assert "https://github.com/mosaic-stories/platform/actions/runs/9" in deploy.last_comment
    assert "staging: stopped: the plan has the hash" in capsys.readouterr().err


def test_the_same_values_from_another_configuration_stop_the_deploy(deploy: Deploy) -> None:
    deploy.review()
    provisioned = deploy.stack
    provisioned["resource"]["terraform_data"]["x"]["provisioner"] = [{"local-exec": {"command": "true"}}]
    before = deploy.document
    deploy.workspace.stack.write_text(json.dumps(provisioned))
    deploy.workspace.plan(DEPLOY, lock=True)
    assert {**deploy.document, "timestamp": ""} == {**before, "timestamp": ""}
    assert deploy.is_stopped()
    assert "the plan has the hash" in deploy.last_comment


def test_an_empty_plan_needs_no_review(deploy: Deploy, capsys: pytest.CaptureFixture[str]) -> None:
    deploy.workspace.apply()
    deploy.workspace.plan(DEPLOY, lock=True)
    assert main(["staging"]) == 0
    assert "staging: nothing to deploy" in capsys.readouterr().out
    assert [row for row in deploy.github.requests if not row.startswith("GET ")] == []


def test_a_plan_made_with_the_plan_role_is_refused(deploy: Deploy, capsys: pytest.CaptureFixture[str]) -> None:
    """Its plan read no secret, so an apply would not give the database role its stored password."""
    deploy.workspace.plan(PLAN, lock=True)
    deploy.comment()
    assert main(["staging"]) == 2
    assert (
        "comes from the plan role, which cannot apply; allowed: one from python -m delivery save-plan staging --restore"
        in capsys.readouterr().err
    )
    assert stored(deploy.workspace) is None


def test_a_missing_saved_plan_is_an_error(deploy: Deploy, capsys: pytest.CaptureFixture[str]) -> None:
    deploy.workspace.plan_file.unlink()
    assert main(["staging"]) == 1
    assert "error: terraform show ended with 1" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "said"),
    [("GITHUB_TOKEN", "GITHUB_TOKEN not set"), ("GITHUB_SHA", "GITHUB_SHA not set")],
)
def test_nothing_is_deployed_outside_of_a_workflow(
    deploy: Deploy, name: str, said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv(name)
    assert main(["staging"]) == 2
    assert said in capsys.readouterr().err
    assert stored(deploy.workspace) is None
