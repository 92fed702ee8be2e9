"""An environment's one issue, open while the environment differs from its code."""

from enum import StrEnum

from delivery.drift.report import DriftReport, is_about
from delivery.github.client import GitHub
from delivery.github.objects import Issue

LABEL = "drift"


class Action(StrEnum):
    """What happens to the environment's issue."""

    OPEN = "opened"
    UPDATE = "updated"
    REOPEN = "reopened"
    CLOSE = "closed"
    NOTHING = "left unchanged"


def decide(issue: Issue | None, *, is_in_order: bool) -> Action:
    """What to do with the environment's issue. issue: None if there never was one."""
    is_open = issue is not None and issue.state == "open"
    if is_in_order:
        return Action.CLOSE if is_open else Action.NOTHING
    if issue is None:
        return Action.OPEN
    return Action.UPDATE if is_open else Action.REOPEN


def find_issue(github: GitHub, environment: str) -> Issue | None:
    """The environment's issue: an open one if there is any, otherwise the newest. Raises GitHubError."""
    found = [
        issue
        for issue in github.issues(LABEL)
        if issue.user is not None and issue.user.is_workflow and is_about(environment, issue.body or "")
    ]
    return next((issue for issue in found if issue.state == "open"), found[0] if found else None)


def keep_issue(github: GitHub, report: DriftReport, run_url: str) -> Action:
    """Bring the issue up to date and return the action taken. Raises GitHubError."""
    issue = find_issue(github, report.environment)
    action = decide(issue, is_in_order=report.is_in_order)
    body = report.body(run_url)
    if issue is None:
        if action is Action.OPEN:
            github.create_issue(title=report.title, body=body, label=LABEL)
    elif action in (Action.UPDATE, Action.REOPEN):
        github.update_issue(issue, body=body, state="open")
    elif action is Action.CLOSE:
        github.update_issue(issue, body=body, state="closed")
    if issue is not None and action in (Action.REOPEN, Action.CLOSE):
        github.create_comment(issue.number, f"{report.summary()} [Workflow run]({run_url})")
    return action
