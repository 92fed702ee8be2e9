"""The command ``python -m delivery drift``: it reads a plan, verifies, and keeps the environment's issue."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from delivery.commands.drift import main
from delivery.plan.artifact import PlanFolder
from delivery.rehearsal.github_stand_in import GitHubStandIn
from tests.delivery.command_line import KEYS, NOWHERE
from tests.delivery.github.github_fixture import pull_request, serving
from tests.delivery.plan_documents import real_document


@pytest.fixture
def github() -> Iterator[GitHubStandIn]:
    with serving(pull_request()) as standin:
        yield standin


def run(github: GitHubStandIn, folder: Path, monkeypatch: pytest.MonkeyPatch) -> int:
    variables = {
        **github.variables(),
        **KEYS,
        "MOSAIC_CLOUD": "local",
        "AWS_ENDPOINT_URL": NOWHERE,
        "GITHUB_SERVER_URL": "https://github.com",
        "GITHUB_RUN_ID": "9",
        "GITHUB_SHA": "0" * 40,
    }
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return main(["staging", "--plans", str(folder)])


def test_the_command_verifies_too(github: GitHubStandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Here there is nothing to verify: the plan alone would say that all is in order."""
    folder = PlanFolder(root=tmp_path, environment="staging")
    folder.clear()
    folder.document.write_text(json.dumps(real_document("staging-empty")))
    assert run(github, tmp_path, monkeypatch) == 0
    [issue] = github.issues
    assert "staging: 1 failed check" in issue["body"]
    assert "verify: " in issue["body"]


def test_the_command_reports_a_failed_plan(
    github: GitHubStandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = PlanFolder(root=tmp_path, environment="staging")
    folder.clear()
    folder.log.write_bytes(b"Error: it failed\xff")
    assert run(github, tmp_path, monkeypatch) == 0
    [issue] = github.issues
    assert "Error: it failed\ufffd" in issue["body"]


def test_the_command_refuses_a_folder_without_a_plan_or_log(
    github: GitHubStandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(github, tmp_path, monkeypatch) == 2
    assert "neither a plan nor a log" in capsys.readouterr().err
    assert github.issues == []
