"""Judge a plan: refuse unexplained changes, lost data, loosened isolation, wider permissions.

``python -m delivery guard ENVIRONMENT [PLAN.json] [--stack FILE] [--pull-request-text FILE]``: PLAN.json is a plan as
``terraform show -json`` prints it, by default the one that ``python -m delivery save-plan`` wrote in this folder. The
guard compares its stack with the stack that this checkout synthesizes from its settings, or from a pull request's
(``--proposal FOLDER``). Exit code 0: nothing stops the pull request; 1: something does; 2: the input cannot be judged.
docs/plan-guard.md lists the rules, and how a pull request allows a finding.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from delivery.plan.artifact import PLANS, PlanFolder
from delivery.plan.document import Plan, PlanError
from delivery.policy.guard import guard, guard_proposal
from delivery.policy.overrides import Overrides
from delivery.policy.result import FindingResult, GuardResult, Severity
from delivery.proposal.error import ProposalError
from delivery.proposal.judged_proposal import JudgedProposal
from delivery.proposal.synthesis import synthesize
from delivery.redaction.mask import Mask
from delivery.report.markdown import counted, printable
from delivery.report.text_file import TextFileError
from delivery.terraform.stack_json import FILE, StackError, read_stack, stacks_folder
from environments.schema.catalogue import choose
from environments.schema.document import SettingsDocument
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


def _judge(options: argparse.Namespace, overrides: Overrides) -> tuple[GuardResult, Mask]:
    """Judge the plan that the options name; also return a mask of its secrets."""
    name: str = options.environment
    if options.proposal:
        proposal = JudgedProposal.read(options.proposal, SETTINGS, name)
        kept = PlanFolder(root=PLANS, environment=choose(name, proposal.understood.settings.environments).name)
        plan = Plan.read(options.plan or kept.document)
        return guard_proposal(name, plan, proposal, overrides), Mask(plan.secrets)
    kept = PlanFolder(root=PLANS, environment=SETTINGS.find(name).name)
    plan = Plan.read(options.plan or kept.document)
    stack_file = stacks_folder() / name / FILE if options.plan else kept.stack
    stack = read_stack(options.stack or stack_file)
    trusted = (
        read_stack(options.trusted) if options.trusted else synthesize(SettingsDocument.of(SETTINGS), [name])[name]
    )
    return guard(name, plan, stack=stack, overrides=overrides, trusted=trusted), Mask(plan.secrets)


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse the command line, judge, print a line for each finding."""
    parser = argparse.ArgumentParser(prog="python -m delivery guard", description=__doc__)
    parser.add_argument("environment")
    parser.add_argument(
        "plan", type=Path, nargs="?", metavar="PLAN.json", help="by default the plan that save-plan wrote"
    )
    parser.add_argument(
        "--stack",
        type=Path,
        help=f"the plan's {FILE}; by default save-plan's, or the one in {stacks_folder()}/ENVIRONMENT",
    )
    parser.add_argument("--pull-request-text", type=Path, help="file with the overrides; none by default")
    explained = parser.add_mutually_exclusive_group()
    explained.add_argument("--trusted", type=Path, help=f"the settings' {FILE}; synthesized by default")
    explained.add_argument("--proposal", type=Path, help="folder of a pull request's proposal")
    options = parser.parse_args(arguments)
    try:
        overrides = Overrides.read(options.pull_request_text)
        result, mask = _judge(options, overrides)
    except (PlanError, StackError, TextFileError, ProposalError, SettingsError, InvalidNameError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    for row in result.findings:
        print(_line(row, result.environment, mask))
    for override in overrides.allowed:
        is_of_another = override.environment in SETTINGS.names() and override.environment != result.environment
        if not is_of_another and not result.matches(override):
            print(printable(f"warn this override matches nothing: {override.line}"))
    for line in overrides.unreadable:
        print(printable(f"warn this is not an override, so it allows nothing: {line}"))
    fate = f"stopped by {counted(len(result.blocking), 'finding')}" if result.blocking else "passed"
    print(f"{result.environment}: {fate}")
    return 1 if result.blocking else 0
