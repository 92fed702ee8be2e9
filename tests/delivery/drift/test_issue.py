"""One drift issue per environment: opened, updated, closed and reopened."""

from collections.abc import Iterator

import pytest

from delivery.drift.issue import LABEL, Action, decide, keep_issue
from delivery.drift.report import DriftReport
from delivery.github.objects import Issue, User
from delivery.rehearsal.github_stand_in import BOT, GitHubStandIn, person
from tests.delivery.drift.reports import DRIFTED, FAILED, IN_ORDER, RUN, UNVERIFIED
from tests.delivery.github.github_fixture import client, pull_request, serving
from tests.delivery.plan_documents import real_plan


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
def test_the_issue_follows_the_nightly_result(state: str | None, is_in_order: bool, expected: Action) -> None:  # noqa: FBT001 a row of the table
    user = User(login="github-actions[bot]", type="Bot")
    issue = Issue.model_validate({"number": 1, "state": state, "title": "x", "user": user}) if state else None
    assert decide(issue, is_in_order=is_in_order) is expected


def test_one_issue_is_reused_every_night(github: GitHubStandIn) -> None:
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
        "staging matches its code",
        "staging could not be planned, so its differences are unknown",
        "staging matches its code",
    ]


def test_each_environment_has_its_own_issue(github: GitHubStandIn) -> None:
    keep_issue(client(github), DRIFTED, RUN)
    keep_issue(client(github), DriftReport(environment="prod", plan=real_plan("prod-destroy")), RUN)
    keep_issue(client(github), IN_ORDER, RUN)
    assert [(row["title"], row["state"]) for row in github.issues] == [
        ("Drift: staging differs from its code", "closed"),
        ("Drift: prod differs from its code", "open"),
    ]


def test_somebody_elses_issue_is_left_alone(github: GitHubStandIn) -> None:
    foreign = {"number": 8, "state": "open", "title": "x", "labels": [{"name": LABEL}], "body": DRIFTED.body(RUN)}
    github.issues += [{**foreign, "user": person("mallory")}, {**foreign, "number": 9, "user": None}]
    assert keep_issue(client(github), IN_ORDER, RUN) is Action.NOTHING
    assert keep_issue(client(github), DRIFTED, RUN) is Action.OPEN
    *others, own = github.issues
    assert own["user"] == BOT
    assert [row["state"] for row in others] == ["open", "open"]


def test_the_open_one_of_several_issues_is_kept(github: GitHubStandIn) -> None:
    """Somebody reopened a closed one by hand."""
    issue = {"title": "x", "labels": [{"name": LABEL}], "body": DRIFTED.body(RUN), "user": BOT}
    github.issues += [{**issue, "number": 8, "state": "open"}, {**issue, "number": 9, "state": "closed"}]
    assert keep_issue(client(github), IN_ORDER, RUN) is Action.CLOSE
    assert {row["number"]: row["state"] for row in github.issues} == {8: "closed", 9: "closed"}
