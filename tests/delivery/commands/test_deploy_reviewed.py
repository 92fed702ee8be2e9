"""A deploy applies the plan that was reviewed, or nothing: Terraform's own plan, GitHub's answers by its stand-in."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from delivery.commands.deploy_reviewed import main
from delivery.plan.document import Plan
from delivery.plan.hash import plan_hash
from delivery.plan.sanitizing import published
from delivery.policy.guard import guard
from delivery.policy.overrides import Override, Overrides
from delivery.rehearsal.github_stand_in import BOT, GitHubStandIn, person
from delivery.review.added_overrides import announce, is_announcement
from delivery.review.header import CommentHeader
from delivery.terraform.workspace import Workspace
from modules.model.acting_role import DEPLOY, PLAN
from modules.model.names import Names
from modules.model.selected_settings import SETTINGS, SHARED
from tests.delivery.command_line import KEYS
from tests.delivery.github.github_fixture import HEAD, MERGE, client, pull_request, serving
from tests.delivery.terraform.local_stack import stored, workspace

RUN = 5
PLAN_WORKFLOW = ".github/workflows/plan.yml"


class Deploy:
    """A merged pull request into develop, and a saved plan for staging.

    The description allows what the guard finds wrong with a stack whose state is no environment's.
    """

    def __init__(self, github: GitHubStandIn, folder: Path) -> None:
        self.github = github
        self.workspace: Workspace = workspace(folder)
        self.workspace.plan(DEPLOY, lock=True)
        self.allow(*self.guard_lines)
        github.branches["develop"] = MERGE
        github.add_run(RUN, PLAN_WORKFLOW, event="workflow_run", branch=SHARED.default_branch, commit="0" * 40)

    @property
    def document(self) -> dict[str, Any]:
        lineage = self.workspace.lineage()
        return published(self.workspace.document(), lineage.encode() if lineage else None)

    @property
    def plan(self) -> Plan:
        return Plan.parse(json.dumps(self.document))

    @property
    def stack(self) -> dict[str, Any]:
        content: dict[str, Any] = json.loads(self.workspace.stack.read_text())
        return content

    @property
    def hash(self) -> str:
        return plan_hash(self.plan, self.stack)

    @property
    def guard_lines(self) -> list[str]:
        """What allows all that the guard finds."""
        result = guard("staging", self.plan, stack=self.stack, overrides=Overrides())
        assert result.blocking
        return [
            Override(rule=row.rule.id, environment="staging", address=row.finding.address, reason="it is a test").line
            for row in result.blocking
        ]

    def allow(self, *lines: str) -> None:
        self.github.pull_requests[0]["body"] = "\n".join(["```", *lines, "```"])

    def comment(self, hash_: str | None = None, user: dict[str, str] = BOT, **header: object) -> dict[str, Any]:
        """A plan comment that shows the description's lines."""
        fields = {
            "commit": HEAD,
            "cut": False,
            "pull_request": 7,
            "run": RUN,
            "overrides": [row.digest for row in Overrides.of(self.github.pull_requests[0]["body"]).allowed],
            "environments": {"staging": {"hash": hash_ or self.hash, "guard": "passed"}},
            **header,
        }
        line = CommentHeader.model_validate(fields).line
        return self.github.add_comment(7, user, f"{line}\n\n## Plan")

    def keep(self, run: int = RUN) -> None:
        """Keep the plan and its stack as the plan workflow does."""
        files = {"staging/plan.json": self.document, "staging/cdk.tf.json": self.stack}
        self.github.add_artifact(
            run, "plan-staging", {name: json.dumps(content).encode() for name, content in files.items()}
        )

    def review(self) -> None:
        """The plan as it is now was reviewed."""
        self.keep()
        self.comment()

    def is_stopped(self) -> bool:
        """Nothing was applied, nor can it be later."""
        return main(["staging"]) == 1 and stored(self.workspace) is None and not self.workspace.plan_file.exists()

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
    deploy.review()
    assert main(["staging"]) == 0
    assert stored(deploy.workspace) == "one"
    assert "is applied, since it is the plan that was reviewed in #7" in capsys.readouterr().out


def test_a_sensitive_value_that_was_not_reviewed_stops_the_deploy(
    deploy: Deploy, capfd: pytest.CaptureFixture[str]
) -> None:
    """By the digest that only the state's lineage gives, which is nowhere to be seen."""
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
    assert f"and {reviewed} was reviewed in #7" in deploy.last_comment
    workspace(deploy.workspace.folder, '${sensitive("two")}').plan(DEPLOY, lock=True)
    assert deploy.stack != stack
    assert main(["staging"]) == 0
    assert stored(deploy.workspace) == "two"
    captured = capfd.readouterr()
    shown = [captured.out, captured.err, *(row["body"] for row in deploy.github.comments[7])]
    assert not [text for text in shown if lineage in text]


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
    deploy.allow(*deploy.guard_lines)
    deploy.review()
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
    deploy.review()
    workspace(deploy.workspace.folder, "two").plan(DEPLOY, lock=True)
    fresh = deploy.hash
    assert deploy.is_stopped()
    assert "## ⛔ staging was not deployed" in deploy.last_comment
    assert "- + input: one\n+ + input: two" in deploy.last_comment
    assert f"\nplan-guard: allow reviewed-plan staging:{fresh} because\n" in deploy.last_comment
    assert "https://github.com/mosaic-stories/platform/actions/runs/9" in deploy.last_comment
    assert "staging: stopped: the plan has the hash" in capsys.readouterr().err


def test_the_same_values_by_another_configuration_stop_the_deploy(deploy: Deploy) -> None:
    deploy.review()
    provisioned = deploy.stack
    provisioned["resource"]["terraform_data"]["x"]["provisioner"] = [{"local-exec": {"command": "true"}}]
    before = deploy.document
    deploy.workspace.stack.write_text(json.dumps(provisioned))
    deploy.workspace.plan(DEPLOY, lock=True)
    assert {**deploy.document, "timestamp": ""} == {**before, "timestamp": ""}
    assert deploy.is_stopped()
    assert "the plan has the hash" in deploy.last_comment


def test_a_second_stop_replaces_the_comment_of_the_first(deploy: Deploy) -> None:
    deploy.comment("sha256:" + "0" * 64)
    deploy.github.add_comment(7, person("mallory"), "<!-- mosaic-deploy staging -->")
    for _ in range(2):
        assert main(["staging"]) == 1
        workspace(deploy.workspace.folder).plan(DEPLOY, lock=True)
    assert [row["user"]["login"] for row in deploy.github.comments[7]] == [BOT["login"], "mallory", BOT["login"]]


@pytest.mark.parametrize(
    ("header", "why"),
    [
        ({"cut": True}, "the plan comment was cut"),
        ({"commit": "1" * 40}, f"the plan comment is about commit {'1' * 40}, and {HEAD} was merged"),
        ({"pull_request": 8}, "the plan comment is about pull request 8, and 7 was merged"),
        ({"pull_request": None}, "the plan comment is about pull request None, and 7 was merged"),
        ({"run": None}, "the plan comment names no workflow run that wrote it"),
        ({"run": 6}, "the workflow run 6 that the plan comment names is not there"),
        ({"environments": {}}, "the plan comment shows no plan of staging"),
        ({"environments": {"staging": {}}}, "the plan comment shows no plan of staging"),
        (
            {"environments": {"staging": {"hash": "sha256:" + "0" * 64, "guard": "stopped"}}},
            "the guard stopped the plan",
        ),
        ({"user": person("github-actions[bot]")}, "the pull request has no plan comment by the workflow"),
        ({"user": {"login": "other[bot]", "type": "Bot"}}, "the pull request has no plan comment by the workflow"),
    ],
)
def test_a_plan_that_was_not_reviewed_stops_the_deploy(deploy: Deploy, header: dict[str, Any], why: str) -> None:
    deploy.keep()
    # It is not this comment that allows what the guard finds.
    announced(deploy)
    deploy.comment(**header)
    assert deploy.is_stopped()
    assert why in deploy.last_comment
    assert "+ input: one" in deploy.last_comment


def announced(deploy: Deploy) -> None:
    """The lines of the description were shown by a comment of their own."""
    announce(client(deploy.github), 7, Overrides.of(deploy.github.pull_requests[0]["body"]))
    assert is_announcement(deploy.last_comment)


@pytest.mark.parametrize(
    ("run", "why"),
    [
        ({"path": ".github/workflows/other.yml"}, "is one of .github/workflows/other.yml"),
        ({"event": "pull_request"}, "was started by pull_request"),
        ({"head_branch": "topic"}, "is of the branch topic"),
        ({"head_branch": None}, "is of the branch None"),
        ({"head_repository": {"full_name": "mallory/platform"}}, "is of the repository mallory/platform"),
        ({"head_repository": None}, "is of the repository None"),
    ],
)
def test_a_comment_that_another_run_wrote_stops_the_deploy(deploy: Deploy, run: dict[str, Any], why: str) -> None:
    deploy.review()
    deploy.github.runs[0] |= run
    assert deploy.is_stopped()
    assert (
        f"the workflow run {RUN} that the plan comment names {why}; allowed: {PLAN_WORKFLOW} of "
        f"{SHARED.default_branch}, started by workflow_run" in deploy.last_comment
    )


def test_the_branch_that_github_adds_to_a_workflows_file_is_no_other_file(deploy: Deploy) -> None:
    deploy.review()
    deploy.github.runs[0]["path"] += f"@{SHARED.default_branch}"
    assert main(["staging"]) == 0


def test_a_comment_that_names_a_run_of_another_plan_stops_the_deploy(deploy: Deploy) -> None:
    """Whoever has some workflow's token can write what looks like the plan comment."""
    deploy.keep()
    made = deploy.hash
    workspace(deploy.workspace.folder, "two").plan(DEPLOY, lock=True)
    deploy.comment()
    assert deploy.is_stopped()
    assert f"the plan comment shows {deploy_hash(deploy)}, and the workflow run {RUN} that it names made {made}" in (
        deploy.last_comment
    )


def deploy_hash(deploy: Deploy) -> str:
    header = CommentHeader.of(deploy.github.comments[7][0]["body"])
    assert header
    return str(header.environments["staging"].hash)


def test_a_comment_that_a_person_edited_stops_the_deploy(deploy: Deploy) -> None:
    deploy.keep()
    announced(deploy)
    comment = deploy.comment()
    deploy.github.edit_comment(comment, person("mallory"), comment["body"])
    assert deploy.is_stopped()
    assert "the plan comment was edited by a person" in deploy.last_comment


def test_a_run_that_is_started_again_after_the_branch_went_on_deploys_nothing(deploy: Deploy) -> None:
    deploy.review()
    deploy.github.branches["develop"] = "3" * 40
    assert deploy.is_stopped()
    assert f"commit {MERGE} is not the tip of develop any more, which is {'3' * 40}: deploy that one" in (
        deploy.last_comment
    )
    assert "plan-guard: allow" not in deploy.last_comment, "nothing allows it"


def test_a_plan_that_the_guard_stops_now_is_not_applied_whatever_was_reviewed(deploy: Deploy) -> None:
    deploy.review()
    lines = deploy.guard_lines
    deploy.allow()
    assert deploy.is_stopped()
    assert "Why: `the guard stops it: " in deploy.last_comment
    for line in lines:
        assert f"\n{line.partition(' because ')[0]} because\n" in deploy.last_comment


def test_a_line_that_was_added_after_the_review_is_shown_first_and_counts_in_the_next_run(deploy: Deploy) -> None:
    lines = deploy.guard_lines
    deploy.allow()
    deploy.review()
    deploy.allow(*lines)
    assert deploy.is_stopped()
    [announcement] = [row["body"] for row in deploy.github.comments[7] if is_announcement(row["body"])]
    assert all(line in announcement for line in lines)
    assert "After this pull request was merged" in announcement
    workspace(deploy.workspace.folder).plan(DEPLOY, lock=True)
    assert main(["staging"]) == 0
    assert len([row for row in deploy.github.comments[7] if is_announcement(row["body"])]) == 1


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


def test_an_override_allows_exactly_this_plan(deploy: Deploy, capsys: pytest.CaptureFixture[str]) -> None:
    allowed = deploy.hash
    line = f"plan-guard: allow reviewed-plan staging:{allowed} because the certificate expires tonight"
    deploy.allow(*deploy.guard_lines, line)
    announced(deploy)
    workspace(deploy.workspace.folder, "two").plan(DEPLOY, lock=True)
    assert deploy.is_stopped()
    workspace(deploy.workspace.folder).plan(DEPLOY, lock=True)
    assert main(["staging"]) == 0
    assert "since #7 allows this plan because the certificate expires tonight" in capsys.readouterr().out


def test_an_override_does_not_overrule_the_guard(deploy: Deploy) -> None:
    line = f"plan-guard: allow reviewed-plan staging:{deploy.hash} because the certificate expires tonight"
    deploy.allow(line)
    announced(deploy)
    assert deploy.is_stopped()
    assert "the guard stops it" in deploy.last_comment


@pytest.mark.parametrize("changed", ["staging:sha256:" + "0" * 64, "prod:HASH"])
def test_an_override_for_another_plan_or_environment_allows_nothing(deploy: Deploy, changed: str) -> None:
    address = changed.replace("HASH", deploy.hash)
    deploy.allow(*deploy.guard_lines, f"plan-guard: allow reviewed-plan {address} because it is late")
    announced(deploy)
    assert deploy.is_stopped()
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


@pytest.mark.parametrize("kept", ["nothing", "expired", "garbage"])
def test_a_reviewed_plan_that_is_not_kept_stops_the_deploy_and_the_fresh_one_is_shown(
    deploy: Deploy, kept: str
) -> None:
    deploy.comment()
    if kept == "expired":
        deploy.keep()
        deploy.github.artifacts[-1]["expired"] = True
    elif kept == "garbage":
        deploy.github.add_artifact(RUN, "plan-staging", {"staging/plan.json": b"{"})
    assert deploy.is_stopped()
    assert f"the workflow run {RUN} does not keep the plan of staging any more" in deploy.last_comment
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
