"""Keeps one issue per environment that is open for as long as the environment is not as its code says.

``python -m delivery.commands.drift ENVIRONMENT [--plans FOLDER]``, in a workflow's step with GITHUB_TOKEN. FOLDER is what
``python -m delivery.commands.save_plan`` wrote; the environment is verified here. Exit code 0: the issue says how things are; 2:
it cannot be kept.
"""

import argparse
import subprocess
import sys
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path

from delivery.drift.report import DriftReport, is_about
from delivery.github.client import GitHub, GitHubError, Issue
from delivery.github.run_context import WorkflowRun, append_line
from delivery.plan.artifact import PLANS, PlanFolder
from delivery.plan.document import Plan, PlanError
from delivery.redaction.mask import Mask, environment_secrets
from environments.schema import catalogue
from environments.schema.rules import SettingsError

LABEL = "drift"


class Action(StrEnum):
    """What becomes of the environment's issue."""

    OPEN = "opened"
    UPDATE = "updated"
    REOPEN = "reopened"
    CLOSE = "closed"
    NOTHING = "left as it is"


def decide(issue: Issue | None, *, is_in_order: bool) -> Action:
    """What to do with the environment's issue; None where there never was one."""
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
    """Bring the issue up to date and return what was done. Raises GitHubError."""
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


def read_report(folder: PlanFolder) -> DriftReport:
    """Read what was planned, and verify. Raises PlanError."""
    failed = _failed_checks(folder.environment)
    if folder.document.exists():
        plan = Plan.read(folder.document)
        return DriftReport(environment=folder.environment, plan=plan, failed_checks=failed)
    try:
        log = folder.log.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise PlanError(
            f"{folder.folder}: neither a plan nor a log ({error}); allowed: a folder of plan_file"
        ) from None
    return DriftReport(environment=folder.environment, plan=None, log=log, failed_checks=failed)


def _failed_checks(environment: str) -> tuple[str, ...]:
    """What verify says is wrong."""
    command = [sys.executable, "-m", "delivery.commands.verify", environment]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    print(done.stdout, end="", flush=True)
    if done.returncode == 0:
        return ()
    lines = Mask(environment_secrets()).clean_log(done.stdout).splitlines()
    # Where it could not even begin, there is no line of a check.
    return tuple(line for line in lines if line.startswith("FAIL")) or tuple(lines[-5:]) or ("verify said nothing",)


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse the command line, verify, keep the issue."""
    parser = argparse.ArgumentParser(prog="python -m delivery.commands.drift", description=__doc__)
    parser.add_argument("environment")
    parser.add_argument("--plans", type=Path, default=PLANS, help=f"folder of delivery.commands.save_plan ({PLANS})")
    options = parser.parse_args(arguments)
    try:
        environment = catalogue.find(options.environment)
        github, run = GitHub.from_variables(), WorkflowRun.from_variables()
        report = read_report(PlanFolder(root=options.plans, environment=environment.name))
        action = keep_issue(github, report, run.url)
        line = f"{report.summary()} The issue was {action}."
        print(line)
        append_line("GITHUB_STEP_SUMMARY", line)
    except (GitHubError, PlanError, SettingsError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
