"""The commands ``python -m delivery decide-previews`` and ``report-previews``: their output and exit codes."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import boto3
import pytest

from delivery.commands import decide_previews, preview_settings, report_previews
from delivery.rehearsal.github_stand_in import GitHubStandIn
from environments.schema.previews import Previews
from modules.model.names import claims_object
from modules.model.selected_settings import SHARED
from tests.delivery.command_line import KEYS
from tests.delivery.github.github_fixture import HEAD, MERGE, pull_request
from tests.delivery.images.registry_contents import RegistryContents

assert SHARED.previews
PREVIEWS: Previews = SHARED.previews
Send = Callable[..., int]


@pytest.fixture
def github() -> Iterator[GitHubStandIn]:
    row = pull_request(
        state="open",
        labels=[{"name": PREVIEWS.label}],
        head={"sha": HEAD, "ref": "topic", "repo": {"full_name": PREVIEWS.repository}},
        base={"sha": MERGE, "ref": "main", "repo": {"full_name": PREVIEWS.repository}},
    )
    standin = GitHubStandIn(repository=PREVIEWS.repository, token="made-up", pull_requests=[row])
    with standin.serve():
        yield standin


@pytest.fixture
def send(github: GitHubStandIn, empty_account: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Send:
    """Return a function that runs the command on an event, in an account with the claims' bucket and one build."""
    for name, value in {**KEYS, "MOSAIC_CLOUD": "local", "AWS_ENDPOINT_URL": empty_account}.items():
        monkeypatch.setenv(name, value)
    session = boto3.Session(region_name=SHARED.region)
    session.client("s3").create_bucket(Bucket=claims_object(SHARED)[0])
    RegistryContents(session.client("ecr")).build("pr-7", 1)
    variables = {
        **github.variables(),
        "GITHUB_REPOSITORY": SHARED.repository,
        "GITHUB_EVENT_PATH": str(tmp_path / "event.json"),
        "GITHUB_OUTPUT": str(tmp_path / "output"),
        "GITHUB_SERVER_URL": "https://github.com",
        "GITHUB_RUN_ID": "9",
        "GITHUB_SHA": MERGE,
    }
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    def of(name: str, **content: object) -> int:
        monkeypatch.setenv("GITHUB_EVENT_NAME", name)
        (tmp_path / "event.json").write_text(json.dumps(content))
        (tmp_path / "output").write_text("")
        return decide_previews.main([])

    return of


def claim(send: Send, tag: str = "pr-7") -> int:
    payload = {"pull_request": 7, "commit": HEAD, "images": {"web": tag, "core-api": tag}}
    return send("repository_dispatch", action="preview", client_payload=payload)


def outputs(folder: Path) -> dict[str, str]:
    return dict(line.split("=", 1) for line in (folder / "output").read_text().splitlines())


def test_a_claim_outputs_the_slot_its_role_and_its_task(send: Send, github: GitHubStandIn, tmp_path: Path) -> None:
    assert claim(send) == 0
    found = outputs(tmp_path)
    assert json.loads(found["matrix"]) == {
        "include": [
            {
                "environment": "preview-1",
                "task": "deploy",
                "region": SHARED.region,
                "deploy_role": f"arn:aws:iam::{SHARED.account}:role/mosaic-preview-1-deploy",
            }
        ]
    }
    assert found["pull_requests"] == "7"
    (comment,) = github.comments[7]
    assert "is **being deployed**" in comment["body"]
    assert "https://github.com/mosaic-stories" in comment["body"]
    assert [row["state"] for row in github.deployments.statuses[1]] == ["in_progress"]


def test_a_refusal_is_reported_and_no_slot_gets_a_task(send: Send, github: GitHubStandIn, tmp_path: Path) -> None:
    github.pull_requests[0]["labels"] = []
    assert claim(send) == 1
    assert outputs(tmp_path) == {}
    (comment,) = github.comments[7]
    assert "This pull request has no preview." in comment["body"]
    assert "it has no label" in comment["body"]


def test_an_event_in_another_form_is_bad_input(
    send: Send, github: GitHubStandIn, capsys: pytest.CaptureFixture[str]
) -> None:
    assert send("repository_dispatch", action="preview", client_payload={"pull_request": 7}) == 2
    assert (
        "error: client_payload.commit: Field required; allowed: what docs/previews.md shows" in capsys.readouterr().err
    )
    assert github.requests == []


def test_without_a_task_there_is_no_matrix(send: Send, tmp_path: Path) -> None:
    assert send("schedule", schedule="11 * * * *") == 0
    assert outputs(tmp_path) == {}


def test_a_slot_is_finished_even_if_its_pull_request_cannot_be_updated(
    send: Send, github: GitHubStandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("delivery.report.markdown.LIMIT", 1)
    monkeypatch.setattr("delivery.rehearsal.github_stand_in.LIMIT", 1)
    assert claim(send) == 1
    assert "matrix" in outputs(tmp_path)
    assert not github.comments.get(7)


def test_the_start_and_completion_of_an_end_are_reported(send: Send, github: GitHubStandIn, tmp_path: Path) -> None:
    claim(send)
    github.pull_requests[0]["state"] = "closed"
    assert send("repository_dispatch", action="preview-end", client_payload={"pull_request": 7}) == 0
    assert '"task": "sweep"' in outputs(tmp_path)["matrix"]
    (comment,) = github.comments[7]
    assert "is **being emptied**" in comment["body"]
    bucket, key = claims_object(SHARED)
    boto3.client("s3", region_name=SHARED.region).delete_object(Bucket=bucket, Key=key)
    assert report_previews.main(["7"]) == 0
    assert "This pull request has no preview." in comment["body"]
    assert [row["state"] for row in github.deployments.statuses[1]] == ["in_progress", "inactive"]


def test_without_a_pull_request_nothing_is_reported(send: Send, github: GitHubStandIn) -> None:
    assert report_previews.main([""]) == 0
    assert github.requests == []


def test_the_workflow_gets_the_role_and_the_applications_repository(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_OUTPUT", str(tmp_path / "output"))
    assert preview_settings.main([]) == 0
    assert outputs(tmp_path) == {
        "role": f"arn:aws:iam::{SHARED.account}:role/mosaic-previews",
        "region": SHARED.region,
        "owner": "mosaic-stories",
        "repository": "mosaic-life",
    }


def test_without_previews_the_command_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(preview_settings, "SHARED", SHARED.model_copy(update={"previews": None}))
    assert preview_settings.main([]) == 2
    assert "the settings have no previews; allowed: previews=Previews(...)" in capsys.readouterr().err
