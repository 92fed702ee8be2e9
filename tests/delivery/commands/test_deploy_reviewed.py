"""A deploy applies the plan that was reviewed, or nothing: Terraform's own plan, GitHub's answers by its stand-in."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from delivery.commands.deploy_reviewed import StoppedError, main, permission
from delivery.plan.document import Plan
from delivery.plan.hash import plan_hash
from delivery.plan.sanitizing import published
from delivery.rehearsal.github_stand_in import BOT, GitHubStandIn, person
from delivery.review.header import CommentHeader
from delivery.terraform.workspace import Workspace
from modules.model.acting_role import DEPLOY, PLAN
from modules.model.names import Names
from modules.model.selected_settings import SETTINGS, SHARED
from tests.delivery.command_line import KEYS
from tests.delivery.github.github_fixture import HEAD, MERGE, client, pull_request, serving
from tests.delivery.plan_documents import real_plan, real_stack
from tests.delivery.terraform.local_stack import stored, workspace

RUN = 5


class Deploy:
    """A merged pull request into develop, and a saved plan for staging."""

    def __init__(self, github: GitHubStandIn, folder: Path) -> None:
        self.github = github
        self.workspace: Workspace = workspace(folder)
        self.workspace.plan(DEPLOY, lock=True)

    @property
    def document(self) -> dict[str, Any]:
        return published(self.workspace.document())

    @property
    def hash(self) -> str:
        return plan_hash(Plan.parse(json.dumps(self.document)))

    def comment(self, hash_: str | None = None, user: dict[str, str] = BOT, **header: object) -> dict[str, Any]:
        fields = {
            "commit": HEAD,
            "cut": False,
            "run": RUN,
            "environments": {"staging": {"hash": hash_ or self.hash, "guard": "passed"}},
            **header,
        }
        return self.github.add_comment(7, user, f"{CommentHeader.model_validate(fields).line}\n\n## Plan")

    def keep(self, content: dict[str, Any]) -> None:
        """Keep a plan as the plan workflow does."""
        self.github.add_artifact(RUN, "plan-staging", {"staging/plan.json": json.dumps(content).encode()})

    @property
    def last_comment(self) -> str:
        return str(self.github.comments[7][-1]["body"])


@pytest.fixture
def deploy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Deploy]:
    with serving(pull_request()) as github:
        variables = {
            **github.variables(),
            "CDKTF_OUTPUT": str(tmp_path),
            "GITHUB_SERVER_URL": "https://github.com",
            "GITHUB_RUN_ID": "9",
            "GITHUB_SHA": MERGE,
            "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md"),
        }
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        yield Deploy(github, tmp_path / "stacks" / "staging")


def test_the_reviewed_plan_is_applied(deploy: Deploy, capsys: pytest.CaptureFixture[str]) -> None:
    deploy.comment()
    assert main(["staging"]) == 0
    assert stored(deploy.workspace) == "one"
    assert "is applied, since it is the plan that was reviewed in #7" in capsys.readouterr().out


@pytest.fixture
def account(empty_account: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """An AWS that answers."""
    for name, value in {**KEYS, "MOSAIC_CLOUD": "local", "AWS_ENDPOINT_URL": empty_account}.items():
        monkeypatch.setenv(name, value)


@pytest.mark.usefixtures("account")
@pytest.mark.parametrize(
    ("left", "said", "remedy"),
    [
        (
            "nothing",
            "if something is said to exist already, an earlier run was killed before it stored its state: ",
            "make recover ENV=staging",
        ),
        (
            "a lock",
            "the state of staging is locked (apply of somebody@elsewhere, since now, lock a-b-c); if that run ",
            "make recover ENV=staging LOCK=a-b-c",
        ),
        ("no bucket", "whether the state is locked cannot be seen: An error occurred (NoSuchBucket)", ""),
    ],
)
def test_an_apply_that_fails_says_what_to_do_about_what_it_left(
    deploy: Deploy,
    left: str,
    said: str,
    remedy: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The same as after `make deploy`."""
    s3 = boto3.client("s3", region_name=SHARED.region)
    bucket = Names.of(SETTINGS.find("staging"), SHARED).state_bucket
    if left != "no bucket":
        s3.create_bucket(Bucket=bucket)
    if left == "a lock":
        lock = {"ID": "a-b-c", "Operation": "OperationTypeApply", "Who": "somebody@elsewhere", "Created": "now"}
        s3.put_object(Bucket=bucket, Key="staging/terraform.tfstate.tflock", Body=json.dumps(lock))
    failing = {"provisioner": [{"local-exec": {"command": "echo refused; exit 3"}}]}
    workspace(deploy.workspace.folder, failing=failing).plan(DEPLOY, lock=True)
    deploy.comment()
    assert main(["staging"]) == 1
    captured = capsys.readouterr()
    assert captured.out.count("exit status 3. Output: refused") == 1
    first, note = captured.err.splitlines()
    assert first == "error: terraform apply ended with 1"
    assert note.startswith(f"note: {said}")
    assert note.endswith(remedy)


def test_another_plan_than_the_reviewed_one_stops_the_deploy_and_the_difference_is_posted(
    deploy: Deploy, capsys: pytest.CaptureFixture[str]
) -> None:
    reviewed = deploy.document
    workspace(deploy.workspace.folder, "two").plan(DEPLOY, lock=True)
    deploy.keep(reviewed)
    deploy.comment(plan_hash(Plan.parse(json.dumps(reviewed))))
    fresh = deploy.hash
    assert main(["staging"]) == 1
    assert stored(deploy.workspace) is None
    assert not deploy.workspace.plan_file.exists()
    assert "## ⛔ staging was not deployed: its plan is not the reviewed one" in deploy.last_comment
    assert "- + input: one\n+ + input: two" in deploy.last_comment
    assert f"\nplan-guard: allow reviewed-plan staging:{fresh} because\n" in deploy.last_comment
    assert "https://github.com/mosaic-stories/platform/actions/runs/9" in deploy.last_comment
    assert "staging: stopped: the plan has the hash" in capsys.readouterr().err


def test_a_second_stop_replaces_the_comment_of_the_first(deploy: Deploy) -> None:
    deploy.comment("sha256:" + "0" * 64)
    deploy.github.add_comment(7, person("mallory"), "<!-- mosaic-deploy staging -->")
    for _ in range(2):
        assert main(["staging"]) == 1
        workspace(deploy.workspace.folder).plan(DEPLOY, lock=True)
    assert [row["user"]["login"] for row in deploy.github.comments[7]] == [BOT["login"], "mallory", BOT["login"]]


def edited(comment: dict[str, Any], github: GitHubStandIn) -> None:
    github.edit_comment(comment, person("mallory"), comment["body"])


@pytest.mark.parametrize(
    ("header", "why"),
    [
        ({"cut": True}, "the plan comment was cut"),
        ({"commit": "1" * 40}, f"the plan comment is about commit {'1' * 40}, and {HEAD} was merged"),
        ({"environments": {}}, "the plan comment shows no plan of staging"),
        ({"environments": {"staging": {}}}, "the plan comment shows no plan of staging"),
        ({"user": person("github-actions[bot]")}, "the pull request has no plan comment by the workflow"),
        ({"user": {"login": "other[bot]", "type": "Bot"}}, "the pull request has no plan comment by the workflow"),
    ],
)
def test_a_plan_that_was_not_reviewed_stops_the_deploy(deploy: Deploy, header: dict[str, Any], why: str) -> None:
    deploy.comment(**header)
    assert main(["staging"]) == 1
    assert stored(deploy.workspace) is None
    assert why in deploy.last_comment
    assert "+ input: one" in deploy.last_comment


def test_a_plan_that_the_guard_stopped_stops_the_deploy(deploy: Deploy) -> None:
    deploy.comment(environments={"staging": {"hash": deploy.hash, "guard": "stopped"}})
    assert main(["staging"]) == 1
    assert stored(deploy.workspace) is None
    assert "the guard stopped the plan of staging" in deploy.last_comment


def test_a_comment_that_a_person_edited_stops_the_deploy(deploy: Deploy) -> None:
    edited(deploy.comment(), deploy.github)
    assert main(["staging"]) == 1
    assert stored(deploy.workspace) is None
    assert "the plan comment was edited by a person" in deploy.last_comment


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({"merge_commit_sha": "2" * 40}, "none"),
        ({"merged_at": None}, "none"),
        ({"base": {"sha": "0" * 40, "ref": "main"}}, "none"),
    ],
)
def test_a_commit_that_is_no_merge_stops_the_deploy_and_the_run_says_so(
    deploy: Deploy, fields: dict[str, Any], found: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    deploy.comment()
    deploy.github.pull_requests[0].update(fields)
    assert main(["staging"]) == 1
    assert stored(deploy.workspace) is None
    assert f"is not the merge of one pull request into develop (found: {found})" in capsys.readouterr().err
    assert "staging was not deployed" in (tmp_path / "summary.md").read_text()
    assert len(deploy.github.comments[7]) == 1


def test_an_override_allows_exactly_this_plan(deploy: Deploy) -> None:
    allowed, stack = real_plan("staging-replicas"), json.dumps(real_stack("staging-replicas"))
    deploy.workspace.stack.write_text(stack)
    line = f"plan-guard: allow reviewed-plan staging:{plan_hash(allowed)} because the certificate expires tonight"
    deploy.github.pull_requests[0]["body"] = line
    github, staging = client(deploy.github), SETTINGS.find("staging")
    reason = permission(github, staging, MERGE, allowed, deploy.workspace)
    assert reason == "#7 allows this plan because the certificate expires tonight"
    with pytest.raises(StoppedError):
        permission(github, staging, MERGE, real_plan("staging-image"), deploy.workspace)


def test_an_override_does_not_overrule_the_guard(deploy: Deploy, capsys: pytest.CaptureFixture[str]) -> None:
    line = f"plan-guard: allow reviewed-plan staging:{deploy.hash} because the certificate expires tonight"
    deploy.github.pull_requests[0]["body"] = line
    assert main(["staging"]) == 1
    # Such as here, where the state is not in the account.
    assert "it is allowed, but the guard stops it" in capsys.readouterr().err
    assert stored(deploy.workspace) is None


@pytest.mark.parametrize("changed", ["staging:sha256:" + "0" * 64, "prod:HASH"])
def test_an_override_for_another_plan_or_environment_allows_nothing(deploy: Deploy, changed: str) -> None:
    address = changed.replace("HASH", deploy.hash)
    deploy.github.pull_requests[0]["body"] = f"plan-guard: allow reviewed-plan {address} because it is late"
    assert main(["staging"]) == 1
    assert "the pull request has no plan comment by the workflow" in deploy.last_comment


def test_a_plan_that_does_nothing_needs_no_review(deploy: Deploy, capsys: pytest.CaptureFixture[str]) -> None:
    deploy.workspace.apply()
    deploy.workspace.plan(DEPLOY, lock=True)
    assert main(["staging"]) == 0
    assert "staging: nothing to deploy" in capsys.readouterr().out
    assert [row for row in deploy.github.requests if not row.startswith("GET ")] == []


def test_a_plan_of_the_role_that_only_plans_is_refused(deploy: Deploy, capsys: pytest.CaptureFixture[str]) -> None:
    """It has read no secret, so that an apply would give the database's role no password that is stored."""
    deploy.workspace.plan(PLAN, lock=True)
    deploy.comment()
    assert main(["staging"]) == 2
    assert "was made by the role that only plans; allowed: one of python -m delivery save-plan staging --restore" in (
        capsys.readouterr().err
    )
    assert stored(deploy.workspace) is None


@pytest.mark.parametrize("kept", ["expired", "another", "garbage"])
def test_the_whole_fresh_plan_is_shown_where_the_reviewed_one_is_not_kept(deploy: Deploy, kept: str) -> None:
    deploy.comment("sha256:" + "0" * 64)
    if kept == "garbage":
        deploy.github.add_artifact(RUN, "plan-staging", {"staging/plan.json": b"{"})
    else:
        deploy.keep(deploy.document)
    deploy.github.artifacts[-1]["expired"] = kept == "expired"
    assert main(["staging"]) == 1
    assert "The reviewed plan is not kept, so this is all that the deploy would do." in deploy.last_comment
    assert "@@ terraform_data.x: create @@" in deploy.last_comment


def test_a_missing_saved_plan_is_an_error(deploy: Deploy, capsys: pytest.CaptureFixture[str]) -> None:
    deploy.workspace.plan_file.unlink()
    assert main(["staging"]) == 1
    assert "error: terraform show ended with 1" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "said"),
    [("GITHUB_TOKEN", "GITHUB_TOKEN not set"), ("GITHUB_SHA", "GITHUB_SHA not set")],
)
def test_outside_of_a_workflow_nothing_is_deployed(
    deploy: Deploy, name: str, said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv(name)
    assert main(["staging"]) == 2
    assert said in capsys.readouterr().err
    assert stored(deploy.workspace) is None
