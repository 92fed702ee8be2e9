"""A proposal is found by its commit, and this code decides which of its values jobs get."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from delivery.commands.find_proposal import main
from delivery.proposal.proposal import write_proposal
from delivery.rehearsal.github_stand_in import GitHubStandIn
from modules.model.selected_settings import SETTINGS, SHARED
from tests.delivery.github.github_fixture import HEAD, finished_run, pull_request, serving

BASE = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture(scope="module")
def proposal(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("proposed") / "proposal"
    write_proposal(folder)
    return folder


@pytest.fixture
def github(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[GitHubStandIn]:
    with serving(pull_request(state="open")) as standin:
        standin.branches["develop"] = BASE
        (tmp_path / "event.json").write_text(json.dumps({"workflow_run": finished_run()}))
        variables = {
            **standin.variables(),
            "GITHUB_EVENT_PATH": str(tmp_path / "event.json"),
            "GITHUB_OUTPUT": str(tmp_path / "output"),
            "GITHUB_SERVER_URL": "https://github.com",
            "GITHUB_RUN_ID": "5",
            "GITHUB_SHA": BASE,
        }
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        yield standin


def outputs(folder: Path) -> dict[str, str]:
    return dict(line.split("=", 1) for line in (folder / "output").read_text().splitlines())


def states(github: GitHubStandIn) -> list[tuple[str, str]]:
    return [(row["context"], row["state"]) for row in github.statuses.get(HEAD, [])]


def test_the_outputs_are_the_pull_request_its_base_and_the_environments(
    github: GitHubStandIn, proposal: Path, tmp_path: Path
) -> None:
    assert main(["--proposal", str(proposal)]) == 0
    found = outputs(tmp_path)
    assert (found["pull_request"], found["base"]) == ("7", BASE)
    rows = json.loads(found["matrix"])["include"]
    assert [row["environment"] for row in rows] == list(SETTINGS.lasting_names())
    assert states(github) == [("plan", "pending")]


def test_the_roles_are_always_in_our_account(github: GitHubStandIn, proposal: Path, tmp_path: Path) -> None:
    other = "999999999999"
    settings = json.loads((proposal / "settings.json").read_text())
    copied = tmp_path / "copied"
    copied.mkdir()
    (copied / "settings.json").write_text(json.dumps(settings).replace(SHARED.account, other))
    for stack in sorted((proposal / "stacks").iterdir()):
        folder = copied / "stacks" / stack.name
        folder.mkdir(parents=True)
        (folder / "cdk.tf.json").write_text((stack / "cdk.tf.json").read_text())
    assert main(["--proposal", str(copied)]) == 0
    assert other not in outputs(tmp_path)["matrix"]
    assert f"::{SHARED.account}:role/" in outputs(tmp_path)["matrix"]


def test_an_invalid_proposal_fails_the_check(
    github: GitHubStandIn, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "empty").mkdir()
    assert main(["--proposal", str(tmp_path / "empty")]) == 2
    assert states(github) == [("plan", "pending"), ("plan", "failure")]
    assert "settings.json" in capsys.readouterr().err
    assert not (tmp_path / "output").exists()


def test_a_closed_pull_request_is_not_planned(
    github: GitHubStandIn, proposal: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    github.pull_requests[0]["state"] = "closed"
    assert main(["--proposal", str(proposal)]) == 2
    assert f"commit {HEAD} is not the head of one open pull request" in capsys.readouterr().err
    assert states(github) == []
