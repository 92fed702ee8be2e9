"""A workflow step reads its run from variables and from the event file."""

import json
from pathlib import Path

import pytest

from delivery.github.client import GitHubError
from delivery.github.run_context import FinishedRun, WorkflowRun
from tests.delivery.github.github_fixture import HEAD, finished_run

RUN = {
    "GITHUB_SERVER_URL": "https://github.com",
    "GITHUB_REPOSITORY": "mosaic-stories/platform",
    "GITHUB_RUN_ID": "5",
    "GITHUB_SHA": HEAD,
}


def test_a_run_is_read_from_variables() -> None:
    assert WorkflowRun.from_variables(RUN) == WorkflowRun(
        number=5, url="https://github.com/mosaic-stories/platform/actions/runs/5", commit=HEAD
    )


def test_all_unset_variables_are_reported_at_once() -> None:
    with pytest.raises(GitHubError) as refused:
        WorkflowRun.from_variables({**RUN, "GITHUB_SHA": "", "GITHUB_SERVER_URL": ""})
    assert str(refused.value) == (
        "GITHUB_SERVER_URL, GITHUB_SHA not set; GitHub sets them in a workflow (without GitHub: make rehearse)"
    )


def test_a_run_id_that_is_not_a_number_is_refused() -> None:
    with pytest.raises(GitHubError, match="GITHUB_RUN_ID is 'five'; allowed: a number"):
        WorkflowRun.from_variables({**RUN, "GITHUB_RUN_ID": "five"})


def test_the_finished_run_is_read_from_the_event_file(tmp_path: Path) -> None:
    file = tmp_path / "event.json"
    file.write_text(json.dumps({"workflow_run": finished_run("stranger/platform")}))
    run = FinishedRun.from_variables({"GITHUB_EVENT_PATH": str(file)})
    assert (run.id, run.head_sha, run.head_branch) == (4, HEAD, "topic")
    assert (run.head_repository.full_name, run.head_repository.owner.login) == ("stranger/platform", "stranger")


@pytest.mark.parametrize("variables", [{}, {"GITHUB_EVENT_PATH": ""}])
def test_without_an_event_there_is_no_finished_run(variables: dict[str, str]) -> None:
    with pytest.raises(GitHubError) as refused:
        FinishedRun.from_variables(variables)
    assert (
        str(refused.value)
        == "GITHUB_EVENT_PATH not set; GitHub sets them in a workflow (without GitHub: make rehearse)"
    )


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"\xff", "'utf-8' codec can't decode"),
        (b"[", "Expecting value"),
        (b'{"workflow_run": {"id": 4, "head_branch": "planted"}}', "Field required"),
    ],
)
def test_a_malformed_event_is_refused_without_showing_its_content(tmp_path: Path, content: bytes, problem: str) -> None:
    file = tmp_path / "event.json"
    file.write_bytes(content)
    with pytest.raises(GitHubError) as refused:
        FinishedRun.from_variables({"GITHUB_EVENT_PATH": str(file)})
    assert str(refused.value).startswith(f"{file}: not the event of a finished workflow run: {problem}")
    assert "planted" not in str(refused.value)
