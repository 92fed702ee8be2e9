"""The workflow keeps one plan comment and one check per pull request, and updates them in place."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from delivery.commands.post_comment import main
from delivery.plan.artifact import PlanFolder
from delivery.policy.overrides import Overrides
from delivery.proposal.judged_proposal import JudgedProposal
from delivery.rehearsal.github_stand_in import BOT, GitHubStandIn, person
from delivery.review.header import CommentHeader
from modules.model.selected_settings import SHARED
from tests.delivery.github.github_fixture import HEAD, finished_run, pull_request, serving
from tests.delivery.history.recorded import TAG, WEB, record
from tests.delivery.plan_documents import FOLDER, real_stack
from tests.delivery.proposals import attacking, judged

DESTROYED = judged(proposed={"prod": real_stack("prod-destroy")}, trusted={"prod": real_stack("prod-destroy")})


@pytest.fixture
def github(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[GitHubStandIn]:
    with serving(pull_request(state="open", merged_at=None)) as standin:
        (tmp_path / "event.json").write_text(json.dumps({"workflow_run": finished_run()}))
        variables = {
            **standin.variables(),
            "GITHUB_EVENT_PATH": str(tmp_path / "event.json"),
            "GITHUB_SERVER_URL": "https://github.com",
            "GITHUB_RUN_ID": "5",
            "GITHUB_SHA": "0" * 40,
        }
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        yield standin


@pytest.fixture
def propose(monkeypatch: pytest.MonkeyPatch) -> "Proposed":
    proposed = Proposed()
    monkeypatch.setattr(JudgedProposal, "read", proposed.read)
    return proposed


class Proposed:
    """The command's input. Other tests cover how it is read from a folder."""

    def __init__(self) -> None:
        self.proposal = judged(proposed={})

    def read(self, _folder: Path, _catalogue: object) -> JudgedProposal:
        return self.proposal


def keep(root: Path, name: str) -> None:
    """Write the files that save-plan would write."""
    folder = PlanFolder(root=root, environment=name.partition("-")[0])
    folder.clear()
    if name.endswith("-failed"):
        shutil.copyfile(FOLDER / f"{name}.log", folder.log)
        return
    shutil.copyfile(FOLDER / f"{name}.plan.json", folder.document)


def post(root: Path) -> int:
    return main(["7", "--plans", str(root)])


def check(github: GitHubStandIn) -> tuple[str, str]:
    status = github.statuses[HEAD][-1]
    return status["context"], status["state"]


def test_the_comment_and_the_check_are_written_once_and_then_updated(
    github: GitHubStandIn, propose: Proposed, tmp_path: Path
) -> None:
    github.add_comment(7, person("alice"), "Looks good")
    keep(tmp_path, "staging-empty")
    keep(tmp_path, "prod-failed")
    assert post(tmp_path) == 1
    assert check(github) == ("plan", "failure")
    keep(tmp_path, "prod-destroy")
    propose.proposal = DESTROYED
    assert post(tmp_path) == 1
    assert check(github) == ("plan", "failure")
    keep(tmp_path, "prod-empty")
    propose.proposal = judged(proposed={})
    assert post(tmp_path) == 0
    assert check(github) == ("plan", "success")
    alice, comment = github.comments[7]
    assert alice["body"] == "Looks good"
    header = CommentHeader.of(comment["body"])
    assert header
    assert (header.commit, header.run, header.pull_request) == (HEAD, 5, 7)
    assert sorted(header.environments) == ["prod", "staging"]
    assert header.environments["prod"].guard == "passed"
    assert "(https://github.com/mosaic-stories/platform/actions/runs/5#artifacts)" in comment["body"]


def test_a_persons_plan_comment_is_kept_and_duplicates_are_deleted(
    github: GitHubStandIn, propose: Proposed, tmp_path: Path
) -> None:
    keep(tmp_path, "staging-empty")
    keep(tmp_path, "prod-empty")
    assert post(tmp_path) == 0
    [written] = github.comments[7]
    text = written["body"]
    github.add_comment(7, person("mallory"), text)
    github.add_comment(7, BOT, text)
    assert post(tmp_path) == 0
    assert [row["user"]["login"] for row in github.comments[7]] == [BOT["login"], "mallory"]


def test_an_environment_without_a_plan_counts_as_failed(
    github: GitHubStandIn, propose: Proposed, tmp_path: Path
) -> None:
    """Its job ended before it started Terraform."""
    keep(tmp_path, "staging-empty")
    assert post(tmp_path) == 1
    [comment] = github.comments[7]
    assert "❌ the plan of prod failed" in comment["body"]
    assert "the run ended before Terraform was started" in comment["body"]


def test_a_proposal_that_could_do_more_than_read_is_not_planned_and_says_why(
    github: GitHubStandIn, propose: Proposed, tmp_path: Path
) -> None:
    propose.proposal = judged(proposed={"staging": attacking(real_stack("staging-empty"))})
    keep(tmp_path, "prod-empty")
    assert post(tmp_path) == 1
    [comment] = github.comments[7]
    assert "⛔ not planned, stopped" in comment["body"]
    assert "data of the kind external" in comment["body"]
    assert check(github) == ("plan", "failure")


def test_the_descriptions_overrides_count(github: GitHubStandIn, propose: Proposed, tmp_path: Path) -> None:
    line = "plan-guard: allow data-loss prod:aws_s3_bucket.backups because they moved"
    github.pull_requests[0]["body"] = f"x\r\n\r\n{line}\r\n"
    propose.proposal = DESTROYED
    keep(tmp_path, "prod-destroy")
    keep(tmp_path, "staging-empty")
    assert post(tmp_path) == 1, "one of several findings is allowed"
    [comment] = github.comments[7]
    assert "Allowed because `they moved`" in comment["body"]


def test_a_line_added_after_an_approval_gets_its_own_comment_before_the_plan_comment_shows_it(
    github: GitHubStandIn, propose: Proposed, tmp_path: Path
) -> None:
    propose.proposal = DESTROYED
    keep(tmp_path, "prod-destroy")
    keep(tmp_path, "staging-empty")
    assert post(tmp_path) == 1
    github.add_review(7, person("alice"), "APPROVED")
    line = "plan-guard: allow data-loss prod:aws_s3_bucket.backups because they moved"
    github.pull_requests[0]["body"] = line
    for _ in range(2):
        assert post(tmp_path) == 1
    plan, announcement = (row["body"] for row in github.comments[7])
    assert "After @alice approved" in announcement
    assert line in announcement
    header = CommentHeader.of(plan)
    assert header
    assert header.overrides == tuple(row.digest for row in Overrides.of(line).allowed)
    writing = [row.partition(" ")[0] for row in github.requests if "/comments" in row and not row.startswith("GET")]
    assert writing == ["POST", "POST", "PATCH", "PATCH"]


def test_a_newer_commit_is_left_to_its_own_run(
    github: GitHubStandIn, propose: Proposed, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    newer = "1" * 40
    github.pull_requests[0]["head"]["sha"] = newer
    keep(tmp_path, "prod-empty")
    assert post(tmp_path) == 2
    assert f"the head of #7 is now {newer}" in capsys.readouterr().err
    assert (github.comments, github.statuses) == ({}, {})


def test_a_refusal_by_github_is_an_error(
    github: GitHubStandIn, propose: Proposed, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    github.pull_requests.clear()
    assert post(tmp_path) == 2
    assert "pulls/7: 404: Not Found" in capsys.readouterr().err


def runs(image: str) -> dict[str, object]:
    """A Deployment in a plan, reduced to its image."""
    container = {"name": "web", "image": f"{SHARED.image_registry}/mosaic-life/web{image}"}
    return {"spec": [{"template": [{"spec": [{"container": [container]}]}]}]}


@pytest.mark.parametrize(
    ("state", "version", "named", "said"),
    [("failure", 1, True, False), ("success", 1, False, False), ("failure", 2, False, True)],
    ids=["not verified", "verified", "written by newer code"],
)
def test_the_guard_gets_the_verified_images(
    github: GitHubStandIn,
    propose: Proposed,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    *,
    state: str,
    version: int,
    named: bool,
    said: bool,
) -> None:
    keep(tmp_path, "staging-empty")
    keep(tmp_path, "prod-empty")
    document = PlanFolder(root=tmp_path, environment="prod").document
    content = json.loads(document.read_text())
    [web] = [row for row in content["resource_changes"] if row["address"] == "kubernetes_deployment_v1.web_deployment"]
    web["change"] |= {"actions": ["update"], "before": runs(f":{TAG}"), "after": runs(f":{TAG}@{WEB}")}
    document.write_text(json.dumps(content))
    record(github, state)
    github.deployments.rows[0]["payload"]["version"] = version
    post(tmp_path)
    [comment] = github.comments[7]
    assert ("which no environment has verified" in comment["body"]) is named
    assert ("cannot look up which images were verified" in capsys.readouterr().err) is said
