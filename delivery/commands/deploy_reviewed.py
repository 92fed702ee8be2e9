"""Apply a saved plan if, and only if, it is the one that was reviewed.

In a step of a push workflow with GITHUB_TOKEN, after ``python -m delivery save-plan ENV --restore``, whose saved plan
is shown, hashed and applied. It must be the plan that the merged pull request's comment showed (docs/workflows.md); a
plan that does nothing needs no review. Otherwise the difference is posted and nothing is done. Exit code 0: applied, or
nothing to do; 1: stopped, or the apply failed; 2: input that cannot work.
"""

import argparse
import json
import sys
from collections.abc import Sequence

from delivery.github.client import GitHub, GitHubError
from delivery.github.objects import PullRequest
from delivery.github.run_context import WorkflowRun, append_line
from delivery.github.sticky_comment import put_comment
from delivery.plan.document import Plan, PlanError
from delivery.plan.hash import plan_hash
from delivery.plan.sanitizing import published
from delivery.policy.guard import guard
from delivery.policy.overrides import Overrides
from delivery.recovery.advised_run import advise_after_failure
from delivery.report.markdown import printable
from delivery.review.approved_plan import NotReviewedError, kept_plan, merged_pull_request, reviewed_plan
from delivery.review.stopped_deploy import RULE, explain, is_about
from delivery.terraform.acting_role import planned_by
from delivery.terraform.stack_json import StackError, read_stack
from delivery.terraform.workspace import CommandFailedError, Workspace
from environments.schema.rules import SettingsError
from environments.schema.settings import Environment
from modules.model.acting_role import PLAN
from modules.model.names import InvalidNameError
from modules.model.selected_settings import SETTINGS

_NOTHING = plan_hash(Plan(resources=()))


class StoppedError(Exception):
    """The plan must not be applied; the message says why. reviewed: the other plan, where it can be had."""

    def __init__(self, why: str, pull_request: PullRequest | None, reviewed: Plan | None = None) -> None:
        super().__init__(why)
        self.pull_request = pull_request
        self.reviewed = reviewed


def permission(github: GitHub, environment: Environment, commit: str, plan: Plan, workspace: Workspace) -> str:
    """Return why the plan may be applied. Raises StoppedError, GitHubError or StackError."""
    fresh = plan_hash(plan)
    try:
        pull_request = merged_pull_request(github, environment, commit)
    except NotReviewedError as error:
        raise StoppedError(str(error), None) from None
    kept = None
    try:
        reviewed = reviewed_plan(github, environment, pull_request)
        if reviewed.hash == fresh:
            return f"it is the plan that was reviewed in #{pull_request.number}"
        kept = kept_plan(github, environment, reviewed)
        why = f"the plan has the hash {fresh}, and {reviewed.hash} was reviewed in #{pull_request.number}"
    except NotReviewedError as error:
        why = str(error)
    overrides = Overrides.of(pull_request.body)
    for row in overrides.allowed:
        if (row.rule, row.environment, row.address) == (RULE, environment.name, fresh):
            result = guard(environment.name, plan, stack=read_stack(workspace.stack), overrides=overrides)
            if not result.blocking:
                return printable(f"#{pull_request.number} allows this plan because {row.reason}")
            why = f"{why}; it is allowed, but the guard stops it: {result.blocking[0].finding.words()}"
    raise StoppedError(why, pull_request, kept)


def deploy(environment: Environment) -> bool:
    """Apply the saved plan, or say why not; return whether what should be done is done.

    Raises GitHubError, PlanError, StackError or CommandFailedError.
    """
    run, github, workspace = WorkflowRun.from_variables(), GitHub.from_variables(), Workspace.of(environment)
    document = workspace.document()
    if planned_by(document) == PLAN:
        raise PlanError(
            f"the saved plan of {environment.name} was made by the role that only plans; allowed: one of "
            f"python -m delivery save-plan {environment.name} --restore"
        )
    plan = Plan.parse(json.dumps(published(document)))
    if plan_hash(plan) == _NOTHING:
        print(f"{environment.name}: nothing to deploy")
        return True
    try:
        print(f"{environment.name}: is applied, since {permission(github, environment, run.commit, plan, workspace)}")
    except StoppedError as stop:
        workspace.forget_plan()
        comment = explain(
            environment.name,
            why=str(stop),
            hash_=plan_hash(plan),
            fresh=plan,
            reviewed=stop.reviewed,
            run_url=run.url,
        )
        print(f"{environment.name}: stopped: {stop}", file=sys.stderr)
        append_line("GITHUB_STEP_SUMMARY", comment)
        if stop.pull_request:
            put_comment(github, stop.pull_request.number, comment, lambda text: is_about(environment.name, text))
        return False
    try:
        workspace.apply()
    except CommandFailedError as error:
        # What Terraform printed was shown as it came.
        print(f"error: {error}", file=sys.stderr)
        advise_after_failure(environment)
        return False
    return True


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse the command line, compare, apply."""
    parser = argparse.ArgumentParser(prog="python -m delivery deploy-reviewed", description=__doc__)
    parser.add_argument("environment")
    options = parser.parse_args(arguments)
    try:
        return 0 if deploy(SETTINGS.find(options.environment)) else 1
    except CommandFailedError as error:
        print(f"error: {error}\n{error.log}", file=sys.stderr)
        return 1
    except (GitHubError, PlanError, StackError, SettingsError, InvalidNameError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
