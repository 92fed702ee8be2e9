"""The one issue per environment about its drift: opened, updated, closed and opened again."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from delivery.commands.drift import main
from delivery.drift.issue import LABEL, Action, decide, keep_issue
from delivery.drift.report import DriftReport, is_about
from delivery.github.client import Issue, User
from delivery.plan.artifact import PlanFolder
from delivery.rehearsal.github_stand_in import BOT, GitHubStandIn, person
from delivery.report.markdown import LIMIT
from tests.delivery.command_line import KEYS, NOWHERE
from tests.delivery.github.github_fixture import client, pull_request, serving
from tests.delivery.plan_documents import plan, real_document, real_plan, resource
from tests.delivery.plans.scenarios import PLANTED

RUN = "https://github.com/mosaic-stories/platform/actions/runs/9"
IN_ORDER = DriftReport(environment="staging", plan=real_plan("staging-empty"))
DRIFTED = DriftReport(environment="staging", plan=real_plan("staging-replicas"))
UNVERIFIED = DriftReport(
    environment="staging", plan=real_plan("staging-empty"), failed_checks=("FAIL database: no answer",)
)
FAILED = DriftReport(environment="staging", plan=None, log="Error: no credentials")


@pytest.fixture
def github() -> Iterator[GitHubStandIn]:
    with serving(pull_request()) as standin:
        yield standin


@pytest.mark.parametrize(
    ("state", "is_in_order", "expected"),
    [
        (None, True, Action.NOTHING),
        (None, False, Action.OPEN),
        ("open", True, Action.CLOSE),
        ("open", False, Action.UPDATE),
        ("closed", True, Action.NOTHING),
        ("closed", False, Action.REOPEN),
    ],
)
def test_decision(state: str | None, is_in_order: bool, expected: Action) -> None:  # noqa: FBT001 a row of the table
    user = User(login="github-actions[bot]", type="Bot")
    issue = Issue.model_validate({"number": 1, "state": state, "title": "x", "user": user}) if state else None
    assert decide(issue, is_in_order=is_in_order) is expected


def test_there_is_one_issue_through_all_nights(github: GitHubStandIn) -> None:
    nights = (IN_ORDER, DRIFTED, UNVERIFIED, IN_ORDER, IN_ORDER, FAILED, DRIFTED, IN_ORDER)
    actions = [keep_issue(client(github), report, RUN) for report in nights]
    assert actions == [
        Action.NOTHING,
        Action.OPEN,
        Action.UPDATE,
        Action.CLOSE,
        Action.NOTHING,
        Action.REOPEN,
        Action.UPDATE,
        Action.CLOSE,
    ]
    [issue] = github.issues
    assert (issue["state"], issue["labels"]) == ("closed", [{"name": LABEL}])
    assert [row["body"].partition(". [")[0] for row in github.comments[issue["number"]]] == [
        "staging is as its code says",
        "staging could not be planned, so what differs is unknown",
        "staging is as its code says",
    ]


def test_each_environment_has_an_issue_of_its_own(github: GitHubStandIn) -> None:
    keep_issue(client(github), DRIFTED, RUN)
    keep_issue(client(github), DriftReport(environment="prod", plan=real_plan("prod-destroy")), RUN)
    keep_issue(client(github), IN_ORDER, RUN)
    assert [(row["title"], row["state"]) for row in github.issues] == [
        ("Drift: staging is not as its code says", "closed"),
        ("Drift: prod is not as its code says", "open"),
    ]


def test_an_issue_that_somebody_else_wrote_is_left_alone(github: GitHubStandIn) -> None:
    foreign = {"number": 8, "state": "open", "title": "x", "labels": [{"name": LABEL}], "body": DRIFTED.body(RUN)}
    github.issues += [{**foreign, "user": person("mallory")}, {**foreign, "number": 9, "user": None}]
    assert keep_issue(client(github), IN_ORDER, RUN) is Action.NOTHING
    assert keep_issue(client(github), DRIFTED, RUN) is Action.OPEN
    assert [row["state"] for row in github.issues] == ["open"] * 3


def test_of_several_issues_the_open_one_is_kept(github: GitHubStandIn) -> None:
    """Somebody opened a closed one again by hand."""
    issue = {"title": "x", "labels": [{"name": LABEL}], "body": DRIFTED.body(RUN), "user": BOT}
    github.issues += [{**issue, "number": 8, "state": "open"}, {**issue, "number": 9, "state": "closed"}]
    assert keep_issue(client(github), IN_ORDER, RUN) is Action.CLOSE
    assert github.issues[0]["state"] == "closed"


def test_body_says_what_differs() -> None:
    body = DRIFTED.body(RUN)
    assert body.startswith("<!-- mosaic-drift staging -->\n\n**staging: 1 to change.**")
    assert is_about("staging", body)
    assert not is_about("prod", body)
    assert "@@ kubernetes_deployment_v1.web_deployment: change @@\n! spec.replicas: 1 → 2" in body
    assert "FAIL database: no answer" in UNVERIFIED.body(RUN)
    assert "Error: no credentials" in FAILED.body(RUN)
    assert "pull request" not in IN_ORDER.body(RUN)


def test_body_shows_no_secret_and_fits() -> None:
    planted = DriftReport(environment="staging", plan=real_plan("staging-planted"), failed_checks=(f"FAIL {PLANTED}",))
    assert PLANTED not in planted.body(RUN)
    rows = [resource("aws_iam_role", "change", {"a": "1"}, {"a": "x" * 300}, name=f"x{i}") for i in range(2000)]
    huge = DriftReport(environment="staging", plan=plan(*rows), failed_checks=tuple(["FAIL x"] * 5000))
    assert len(huge.body(RUN)) <= LIMIT
    assert "and 4960 more" in huge.body(RUN)


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


def test_command_verifies_too(github: GitHubStandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Here there is nothing to verify: the plan alone would say that all is in order."""
    folder = PlanFolder(root=tmp_path, environment="staging")
    folder.clear()
    folder.document.write_text(json.dumps(real_document("staging-empty")))
    assert run(github, tmp_path, monkeypatch) == 0
    [issue] = github.issues
    assert "staging: 1 failed check" in issue["body"]
    assert "verify: " in issue["body"]


def test_command_reports_a_failed_plan(github: GitHubStandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = PlanFolder(root=tmp_path, environment="staging")
    folder.clear()
    folder.log.write_bytes(b"Error: it failed\xff")
    assert run(github, tmp_path, monkeypatch) == 0
    assert "Error: it failed\ufffd" in github.issues[0]["body"]


def test_command_without_a_plan(
    github: GitHubStandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(github, tmp_path, monkeypatch) == 2
    assert "neither a plan nor a log" in capsys.readouterr().err
    assert github.issues == []
