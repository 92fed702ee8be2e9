"""Apply a saved plan if, and only if, it is the reviewed one.

Runs in a step of a push workflow with GITHUB_TOKEN, after ``python -m delivery save-plan ENV --restore``. Shows, hashes
and applies the saved plan. The commit must be the tip of its branch, the guard must pass the plan, and the merged pull
request's comment must have shown it (docs/workflows.md); a plan without changes needs no review. Otherwise it posts the
difference and changes nothing. Exit code 0: applied, or nothing to do; 1: stopped, or the apply failed; 2: invalid
input.
"""

import argparse
import json
import sys
from collections.abc import Mapping, Sequence

from delivery.github.client import GitHub, GitHubError
from delivery.github.objects import PullRequest
from delivery.github.run_context import WorkflowRun, append_line
from delivery.github.sticky_comment import put_comment
from delivery.plan.document import Action, Plan, PlanError
from delivery.plan.hash import plan_hash
from delivery.plan.sanitizing import published
from delivery.policy.guard import guard
from delivery.policy.overrides import Override, Overrides
from delivery.recovery.advised_run import advise_after_failure
from delivery.report.markdown import counted, printable
from delivery.review.added_overrides import announce, shown_overrides
from delivery.review.approved_plan import NotReviewedError, merged_pull_request, reviewed_plan
from delivery.review.stopped_deploy import explain, is_about
from delivery.terraform.acting_role import planned_by
from delivery.terraform.stack_json import StackError, read_stack
from delivery.terraform.workspace import CommandFailedError, Workspace
from environments.schema.rules import SettingsError
from environments.schema.settings import Environment
from modules.model.acting_role import PLAN
from modules.model.names import InvalidNameError
from modules.model.selected_settings import SETTINGS, SHARED

RULE = "reviewed-plan"


class StoppedError(Exception):
    """The plan must not be applied; the message says why.

    pull_request: the merged one, if known. reviewed: the reviewed plan, if available. allowing: the override lines that
    would allow the plan, without their reasons.
    """

    def __init__(
        self,
        why: str,
        pull_request: PullRequest | None,
        *,
        reviewed: Plan | None = None,
        allowing: Sequence[Override] = (),
    ) -> None:
        super().__init__(why)
        self.pull_request = pull_request
        self.reviewed = reviewed
        self.allowing = allowing


def permission(github: GitHub, environment: Environment, commit: str, plan: Plan, workspace: Workspace) -> str:
    """Return why the plan may be applied. Raises StoppedError, GitHubError or StackError."""
    stack = read_stack(workspace.stack)
    try:
        pull_request = merged_pull_request(github, environment, commit)
    except NotReviewedError as error:
        raise StoppedError(str(error), None) from None
    branch = environment.deployed_branch(SHARED)
    tip = github.branch(branch).commit.sha
    if tip != commit:
        why = f"commit {commit} is no longer the tip of {branch}, which is now {tip}: deploy that one"
        raise StoppedError(why, pull_request)
    overrides = _counting(github, pull_request)
    _ask_guard(environment, plan, stack, overrides, pull_request)
    fresh, kept = plan_hash(plan, stack), None
    try:
        reviewed = reviewed_plan(github, environment, pull_request)
        if reviewed.hash == fresh:
            return f"it is the plan reviewed in #{pull_request.number}"
        kept = reviewed.kept.plan
        why = f"the plan has the hash {fresh}, but #{pull_request.number} reviewed one with the hash {reviewed.hash}"
    except NotReviewedError as error:
        why = str(error)
    for row in overrides.allowed:
        if (row.rule, row.environment, row.address) == (RULE, environment.name, fresh):
            return printable(f"#{pull_request.number} allows this plan because {row.reason}")
    # A line without a reason allows nothing.
    line = Override(rule=RULE, environment=environment.name, address=fresh, reason="")
    raise StoppedError(why, pull_request, reviewed=kept, allowing=[line])


def _counting(github: GitHub, pull_request: PullRequest) -> Overrides:
    """The description's override lines that were shown before this run. Announces the others now."""
    overrides = Overrides.of(pull_request.body)
    shown = shown_overrides(github, pull_request.number)
    announce(github, pull_request.number, overrides)
    return overrides.only(shown)


def _ask_guard(
    environment: Environment,
    plan: Plan,
    stack: Mapping[str, object],
    overrides: Overrides,
    pull_request: PullRequest,
) -> None:
    """Judge the fresh plan, whatever was reviewed: it may have become dangerous since. Raises StoppedError."""
    blocking = guard(environment.name, plan, stack=stack, overrides=overrides).blocking
    if not blocking:
        return
    first = blocking[0].finding
    more = f", and {counted(len(blocking) - 1, 'more finding')}" if len(blocking) > 1 else ""
    allowing = [
        Override(rule=row.rule.id, environment=environment.name, address=row.finding.address, reason="")
        for row in blocking
    ]
    raise StoppedError(f"the guard stops it: {first.address} {first.words()}{more}", pull_request, allowing=allowing)


def _does_nothing(plan: Plan) -> bool:
    return not any(row.does_something for row in plan.resources) and all(
        row.action is Action.UNCHANGED for row in plan.outputs
    )


def deploy(environment: Environment) -> bool:
    """Apply the saved plan or say why not; return whether the environment is now as planned.

    Raises GitHubError, PlanError, StackError or CommandFailedError.
    """
    run, github, workspace = WorkflowRun.from_variables(), GitHub.from_variables(), Workspace.of(environment)
    document = workspace.document()
    if planned_by(document) == PLAN:
        raise PlanError(
            f"the saved plan of {environment.name} comes from the plan role, which cannot apply; allowed: one from "
            f"python -m delivery save-plan {environment.name} --restore"
        )
    lineage = workspace.lineage()
    key = lineage.encode() if lineage else None
    plan = Plan.parse(json.dumps(published(document, key=key, stack=read_stack(workspace.stack))))
    if _does_nothing(plan):
        print(f"{environment.name}: nothing to deploy")
        return True
    try:
        print(f"{environment.name}: applying the plan: {permission(github, environment, run.commit, plan, workspace)}")
    except StoppedError as stop:
        workspace.forget_plan()
        _say_why(environment, github, stop, plan, run)
        return False
    try:
        workspace.apply()
    except CommandFailedError as error:
        # Terraform's own output has already been shown.
        print(f"error: {error}", file=sys.stderr)
        advise_after_failure(environment)
        return False
    return True


def _say_why(environment: Environment, github: GitHub, stop: StoppedError, plan: Plan, run: WorkflowRun) -> None:
    comment = explain(
        environment.name,
        why=str(stop),
        allowing=stop.allowing,
        fresh=plan,
        reviewed=stop.reviewed,
        run_url=run.url,
    )
    print(printable(f"{environment.name}: stopped: {stop}"), file=sys.stderr)
    append_line("GITHUB_STEP_SUMMARY", comment)
    if stop.pull_request:
        put_comment(github, stop.pull_request.number, comment, lambda text: is_about(environment.name, text))


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse the command line, compare, apply."""
    parser = argparse.ArgumentParser(prog="python -m delivery deploy-reviewed", description=__doc__)
    parser.add_argument("environment")
    options = parser.parse_args(arguments)
    try:
        return 0 if deploy(SETTINGS.find_lasting(options.environment)) else 1
    except CommandFailedError as error:
        print(f"error: {error}\n{error.log}", file=sys.stderr)
        return 1
    except (GitHubError, PlanError, StackError, SettingsError, InvalidNameError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
