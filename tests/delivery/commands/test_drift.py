"""The command ``python -m delivery drift``: it reads a plan, verifies, and maintains the environment's issue."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from delivery.commands import drift as command
from delivery.commands.drift import main
from delivery.plan.artifact import PlanFolder
from delivery.rehearsal.github_stand_in import GitHubStandIn
from delivery.verification.verify_run import VerifyRun
from tests.delivery.command_line import KEYS, NOWHERE
from tests.delivery.github.github_fixture import pull_request, serving
from tests.delivery.history.recorded import record
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


def test_the_command_also_verifies(github: GitHubStandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Here nothing is deployed to verify: the plan alone would report no drift."""
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


@pytest.mark.parametrize(
    ("verified", "states"),
    [
        (VerifyRun(code=0), ["success"]),
        (VerifyRun(code=1, failed=("FAIL rollout web: 0 of 1 pods are ready",)), ["success", "failure"]),
        # An unanswered question is not known to be a failure.
        (VerifyRun(code=2, failed=("verify: no credentials",)), ["success"]),
    ],
    ids=["passed", "failed", "not asked"],
)
def test_a_failed_check_is_recorded_on_the_last_deploy(
    github: GitHubStandIn,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    verified: VerifyRun,
    states: list[str],
) -> None:
    """Also if planning failed. verify's findings are stubbed."""
    deployment = record(github, "success")
    monkeypatch.setattr(command, "run_verify", lambda _name: verified)
    assert run(github, tmp_path, monkeypatch) == 2
    assert [row["state"] for row in github.deployments.statuses[deployment]] == states
