"""The plan comment on a pull request: one, by the workflow, updated in place."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from delivery.commands.post_comment import main
from delivery.plan.artifact import PlanFolder
from delivery.policy.overrides import Overrides
from delivery.rehearsal.github_stand_in import BOT, GitHubStandIn, person
from delivery.review.header import CommentHeader
from modules.model.selected_settings import SETTINGS
from tests.delivery.github.github_fixture import HEAD, pull_request, serving
from tests.delivery.plan_documents import FOLDER, real_document, real_stack


@pytest.fixture
def github(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[GitHubStandIn]:
    with serving(pull_request(state="open", merged_at=None)) as standin:
        event = tmp_path / "event.json"
        event.write_text(json.dumps({"pull_request": standin.pull_requests[0]}))
        variables = {
            **standin.variables(),
            "GITHUB_EVENT_PATH": str(event),
            "GITHUB_SERVER_URL": "https://github.com",
            "GITHUB_RUN_ID": "5",
            "GITHUB_SHA": HEAD,
        }
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        yield standin


def keep(root: Path, name: str) -> None:
    """What plan_file would have written."""
    folder = PlanFolder(root=root, environment=name.partition("-")[0])
    folder.clear()
    if name.endswith("-failed"):
        shutil.copyfile(FOLDER / f"{name}.log", folder.log)
        return
    shutil.copyfile(FOLDER / f"{name}.plan.json", folder.document)
    folder.stack.write_text(json.dumps(real_stack(name)))


def post(root: Path) -> int:
    """Write the comment; of a further environment nothing would change, as of staging."""
    for name in set(SETTINGS.names()) - {"staging", "prod"}:
        folder = PlanFolder(root=root, environment=name)
        folder.clear()
        for file, content in (
            (folder.document, real_document("staging-empty")),
            (folder.stack, real_stack("staging-empty")),
        ):
            text = json.dumps(content).replace("_staging", f"_{name.replace('-', '_')}")
            file.write_text(text.replace("staging", name))
    return main(["--plans", str(root)])


def test_the_comment_is_written_once_and_then_updated(github: GitHubStandIn, tmp_path: Path) -> None:
    github.add_comment(7, person("alice"), "Looks good")
    keep(tmp_path, "staging-replicas")
    keep(tmp_path, "prod-failed")
    assert post(tmp_path) == 1
    keep(tmp_path, "prod-destroy")
    assert post(tmp_path) == 1
    keep(tmp_path, "prod-empty")
    assert post(tmp_path) == 0
    alice, comment = github.comments[7]
    assert alice["body"] == "Looks good"
    header = CommentHeader.of(comment["body"])
    assert header
    assert (header.commit, header.run, sorted(header.environments)) == (HEAD, 5, list(SETTINGS.names()))
    assert header.environments["prod"].guard == "passed"
    assert "(https://github.com/mosaic-stories/platform/actions/runs/5#artifacts)" in comment["body"]


def test_another_persons_plan_comment_is_left_alone_and_duplicates_are_deleted(
    github: GitHubStandIn, tmp_path: Path
) -> None:
    keep(tmp_path, "staging-replicas")
    keep(tmp_path, "prod-empty")
    assert post(tmp_path) == 0
    [written] = github.comments[7]
    text = written["body"]
    github.add_comment(7, person("mallory"), text)
    github.add_comment(7, BOT, text)
    assert post(tmp_path) == 0
    assert [row["user"]["login"] for row in github.comments[7]] == [BOT["login"], "mallory"]


def test_an_environment_without_a_plan_counts_as_failed(github: GitHubStandIn, tmp_path: Path) -> None:
    """Its job ended before Terraform was started."""
    keep(tmp_path, "staging-replicas")
    assert post(tmp_path) == 1
    [comment] = github.comments[7]
    assert "❌ the plan of prod failed" in comment["body"]
    assert "the run ended before Terraform was started" in comment["body"]


def test_the_descriptions_overrides_count(github: GitHubStandIn, tmp_path: Path) -> None:
    event = tmp_path / "event.json"
    line = "plan-guard: allow data-loss prod:aws_s3_bucket.backups because they moved"
    event.write_text(json.dumps({"pull_request": {**github.pull_requests[0], "body": f"x\r\n{line}\r\n"}}))
    keep(tmp_path, "prod-destroy")
    keep(tmp_path, "staging-empty")
    assert post(tmp_path) == 1, "one of three dangers is allowed"
    [comment] = github.comments[7]
    assert "Allowed because `they moved`" in comment["body"]


def test_a_line_that_was_added_after_an_approval_is_shown_by_a_comment_of_its_own_before_it_is_in_the_plan_comment(
    github: GitHubStandIn, tmp_path: Path
) -> None:
    keep(tmp_path, "prod-destroy")
    keep(tmp_path, "staging-empty")
    assert post(tmp_path) == 1
    github.add_review(7, person("alice"), "APPROVED")
    line = "plan-guard: allow data-loss prod:aws_s3_bucket.backups because they moved"
    event = {"pull_request": {**github.pull_requests[0], "body": line}}
    (tmp_path / "event.json").write_text(json.dumps(event))
    for _ in range(2):
        assert post(tmp_path) == 1
    plan, announcement = (row["body"] for row in github.comments[7])
    assert "After @alice approved" in announcement
    assert line in announcement
    header = CommentHeader.of(plan)
    assert header
    assert header.pull_request == 7
    assert header.overrides == tuple(row.digest for row in Overrides.of(line).allowed)
    writing = [row for row in github.requests if row.startswith(("POST /repos", "PATCH"))]
    assert [row.partition(" ")[0] for row in writing] == ["POST", "POST", "PATCH", "PATCH"]


@pytest.mark.parametrize("content", ["{}", "[", '{"pull_request": {"number": 7}}'])
def test_an_event_without_a_pull_request_is_refused(
    github: GitHubStandIn, content: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "event.json").write_text(content)
    assert post(tmp_path) == 2
    assert "event.json: not the event of a pull request" in capsys.readouterr().err
    assert github.comments == {}


def test_githubs_refusal_is_an_error(github: GitHubStandIn, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    github.pull_requests.clear()
    assert post(tmp_path) == 2
    assert "issues/7/comments: 404: Not Found" in capsys.readouterr().err
