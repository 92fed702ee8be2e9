"""Judge a plan: refuse lost data, loosened isolation, wider permissions, public access, foreign names.

``python -m delivery guard ENVIRONMENT [PLAN.json] [--stack FILE] [--pull-request-text FILE]``: PLAN.json is a plan
as ``terraform show -json`` prints it, by default what ``python -m delivery save-plan`` wrote in this folder;
``--pull-request-event FILE`` takes the text from GitHub's event. Exit code 0 if nothing stops the pull request, 1 if
something does, 2 for input that cannot be judged. The rules, and how a pull request allows a finding:
docs/plan-guard.md.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from delivery.github.client import GitHubError
from delivery.github.run_context import EventPullRequest
from delivery.plan.artifact import PLANS, PlanFolder
from delivery.plan.document import Plan, PlanError
from delivery.policy.guard import guard
from delivery.policy.overrides import Overrides
from delivery.policy.result import FindingResult, Severity
from delivery.redaction.mask import Mask
from delivery.report.markdown import counted, printable
from delivery.report.text_file import TextFileError
from delivery.terraform.stack_json import FILE, StackError, read_stack, stacks_folder
from environments.schema.rules import SettingsError
from modules.model.names import InvalidNameError
from modules.model.selected_settings import SETTINGS


def _line(row: FindingResult, environment: str, mask: Mask) -> str:
    finding, rule = row.finding, row.rule
    what = mask.clean(f"{rule.id} {environment}:{finding.address} {finding.words()}")
    match row.severity:
        case Severity.BLOCKING:
            return printable(f"FAIL {what}. {rule.reason}")
        case Severity.OVERRIDDEN:
            return printable(f"ok   {what}; allowed because {row.reason}")
        case Severity.WARNING:
            return printable(f"warn {what}")


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse the command line, judge, print a line for each finding."""
    parser = argparse.ArgumentParser(prog="python -m delivery guard", description=__doc__)
    parser.add_argument("environment")
    parser.add_argument("plan", type=Path, nargs="?", metavar="PLAN.json", help="by default what save-plan wrote")
    parser.add_argument(
        "--stack", type=Path, help=f"its {FILE}; by default save-plan's, or the one in {stacks_folder()}/ENVIRONMENT"
    )
    texts = parser.add_mutually_exclusive_group()
    texts.add_argument("--pull-request-text", type=Path, help="file with the overrides; none by default")
    texts.add_argument("--pull-request-event", type=Path, help="GitHub's event with the pull request's text")
    options = parser.parse_args(arguments)
    try:
        kept = PlanFolder(root=PLANS, environment=SETTINGS.find(options.environment).name)
        stack_file = stacks_folder() / options.environment / FILE if options.plan else kept.stack
        plan = Plan.read(options.plan or kept.document)
        overrides = (
            Overrides.of(EventPullRequest.read(options.pull_request_event).body)
            if options.pull_request_event
            else Overrides.read(options.pull_request_text)
        )
        stack = read_stack(options.stack or stack_file)
        result = guard(options.environment, plan, stack=stack, overrides=overrides)
    except (PlanError, StackError, TextFileError, GitHubError, SettingsError, InvalidNameError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    for row in result.findings:
        print(_line(row, result.environment, Mask(plan.secrets)))
    for override in overrides.allowed:
        is_of_another = override.environment in SETTINGS.names() and override.environment != result.environment
        if not is_of_another and not result.matches(override):
            print(printable(f"warn this override matches nothing: {override.line}"))
    for line in overrides.unreadable:
        print(printable(f"warn this is no override, so it allows nothing: {line}"))
    fate = f"stopped by {counted(len(result.blocking), 'finding')}" if result.blocking else "passed"
    print(f"{result.environment}: {fate}")
    return 1 if result.blocking else 0
