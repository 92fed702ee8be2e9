"""Refuses plans that lose data, loosen isolation, widen rights, open something to the public or touch a neighbour.

``python -m delivery.policy.guard ENVIRONMENT [PLAN.json] [--stack FILE] [--pull-request-text FILE]``: PLAN.json is a plan
as ``terraform show -json`` prints it, by default what ``python -m delivery.commands.save_plan`` wrote in this folder;
``--pull-request-event FILE`` takes the text from GitHub's event. Exit code 0 if nothing stops the pull request, 1 if
something does, 2 for input that cannot be judged. The rules, and how a pull request allows a finding:
docs/plan-guard.md.
"""

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from delivery.github.client import GitHubError
from delivery.github.run_context import EventPullRequest
from delivery.plan.artifact import PLANS, PlanFolder
from delivery.plan.document import Plan, PlanError
from delivery.policy.overrides import Overrides
from delivery.policy.result import Judgement, Verdict, Weight, judge
from delivery.policy.rules.rule import Review
from delivery.policy.rules.table import RULES
from delivery.redaction.mask import Mask
from delivery.report.markdown import counted, printable
from delivery.report.text_file import TextFileError, read_text
from environments.schema import catalogue
from environments.schema.rules import SettingsError
from environments.shared import SHARED
from modules.model.names import InvalidNameError

STACKS = Path("cdktf.out/stacks")


class GuardInputError(ValueError):
    """A file beside the plan cannot be used; the message names it and says what is allowed."""


def guard(environment: str, plan: Plan, *, stack: Mapping[str, object], overrides: Overrides) -> Verdict:
    """Judge a plan of this environment. stack: its synthesized configuration (cdk.tf.json).

    Raises SettingsError for an unknown environment.
    """
    environments = catalogue.load()
    review = Review(
        plan=plan,
        environment=catalogue.choose(environment, environments),
        neighbours=[neighbour for neighbour in environments if neighbour.name != environment],
        shared=SHARED,
        stack=stack,
    )
    return judge(review, RULES, overrides)


def read_stack(path: Path) -> Mapping[str, object]:
    """Read a synthesized configuration. Raises GuardInputError."""
    try:
        stack = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise GuardInputError(f"{path}: the stack cannot be read ({error}); run `npx cdktf synth` first") from None
    if not isinstance(stack, dict) or "terraform" not in stack:
        raise GuardInputError(
            f"{path}: not a synthesized stack; allowed: the cdk.tf.json that `npx cdktf synth` writes"
        )
    return stack


def read_overrides(path: Path | None) -> Overrides:
    """Read a pull request's text; without one there are no overrides. Raises TextFileError."""
    return Overrides.of(read_text(path, "the pull request's text")) if path else Overrides()


def read_event_overrides(path: Path) -> Overrides:
    """Read the text of the pull request that started a workflow. Raises GitHubError."""
    return Overrides.of(EventPullRequest.read(path).body or "")


def _line(judgement: Judgement, environment: str, mask: Mask) -> str:
    finding, rule = judgement.finding, judgement.rule
    what = mask.clean(f"{rule.id} {environment}:{finding.address} {finding.words()}")
    match judgement.weight:
        case Weight.STOPS:
            return printable(f"FAIL {what}. {rule.reason}")
        case Weight.ALLOWED:
            return printable(f"ok   {what}; allowed because {judgement.reason}")
        case Weight.NAMED:
            return printable(f"warn {what}")


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse the command line, judge, print a line for each finding."""
    parser = argparse.ArgumentParser(prog="python -m delivery.policy.guard", description=__doc__)
    parser.add_argument("environment")
    parser.add_argument("plan", type=Path, nargs="?", metavar="PLAN.json", help="by default what plan_file wrote")
    parser.add_argument(
        "--stack", type=Path, help=f"its cdk.tf.json; by default plan_file's, or {STACKS}/ENVIRONMENT's"
    )
    texts = parser.add_mutually_exclusive_group()
    texts.add_argument("--pull-request-text", type=Path, help="file with the overrides; none by default")
    texts.add_argument("--pull-request-event", type=Path, help="GitHub's event with the pull request's text")
    options = parser.parse_args(arguments)
    try:
        kept = PlanFolder(root=PLANS, environment=catalogue.find(options.environment).name)
        stack_file = STACKS / options.environment / "cdk.tf.json" if options.plan else kept.stack
        plan = Plan.read(options.plan or kept.document)
        overrides = (
            read_event_overrides(options.pull_request_event)
            if options.pull_request_event
            else read_overrides(options.pull_request_text)
        )
        stack = read_stack(options.stack or stack_file)
        verdict = guard(options.environment, plan, stack=stack, overrides=overrides)
    except (PlanError, GuardInputError, TextFileError, GitHubError, SettingsError, InvalidNameError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    for judgement in verdict.judgements:
        print(_line(judgement, verdict.environment, Mask(plan.secrets)))
    for override in overrides.allowed:
        is_of_another = override.environment in catalogue.names() and override.environment != verdict.environment
        if not is_of_another and not verdict.matches(override):
            print(printable(f"warn this override matches nothing: {override.line}"))
    for line in overrides.unreadable:
        print(printable(f"warn this is no override, so it allows nothing: {line}"))
    result = f"stopped by {counted(len(verdict.stopping), 'finding')}" if verdict.stopping else "passed"
    print(f"{verdict.environment}: {result}")
    return 1 if verdict.stopping else 0


if __name__ == "__main__":
    sys.exit(main())
