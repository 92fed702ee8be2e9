"""Post the plan comment on the pull request, or update it.

``python -m delivery post-comment [--plans FOLDER]``, in a step of a pull_request workflow with GITHUB_TOKEN. FOLDER is
what ``python -m delivery save-plan`` wrote about every environment. Exit code 0: the comment is there; 1: it is, and
says that a plan failed or that the guard stops one; 2: it cannot be written.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from delivery.github.client import GitHub, GitHubError
from delivery.github.run_context import EventPullRequest, WorkflowRun
from delivery.github.sticky_comment import put_comment
from delivery.plan.artifact import PLANS
from delivery.plan.document import PlanError
from delivery.policy.overrides import Overrides
from delivery.review.added_overrides import announce
from delivery.review.comment import CommentTooLongError, Planned, compose
from delivery.review.header import is_plan_comment
from delivery.review.outcomes import kept_outcomes, masked
from delivery.terraform.stack_json import StackError
from environments.schema.rules import SettingsError
from modules.model.names import InvalidNameError


def post(plans: Path) -> bool:
    """Write the comment; return whether it lets the pull request pass.

    Raises GitHubError, PlanError, StackError, SettingsError or CommentTooLongError.
    """
    pull_request, run = EventPullRequest.from_variables(), WorkflowRun.from_variables()
    overrides = Overrides.of(pull_request.body)
    outcomes = kept_outcomes(plans, overrides=overrides)
    comment = compose(
        outcomes,
        commit=pull_request.head.sha,
        artifact_url=f"{run.url}#artifacts",
        overrides=overrides,
        mask=masked(outcomes),
        run=run.number,
        pull_request=pull_request.number,
    )
    github = GitHub.from_variables()
    announce(github, pull_request.number, overrides)
    put_comment(github, pull_request.number, comment, is_plan_comment)
    return all(isinstance(outcome, Planned) and not outcome.guard_result.blocking for outcome in outcomes)


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse the command line and write the comment."""
    parser = argparse.ArgumentParser(prog="python -m delivery post-comment", description=__doc__)
    parser.add_argument("--plans", type=Path, default=PLANS, help=f"folder of save-plan ({PLANS})")
    options = parser.parse_args(arguments)
    try:
        return 0 if post(options.plans) else 1
    except (
        GitHubError,
        PlanError,
        StackError,
        SettingsError,
        InvalidNameError,
        CommentTooLongError,
    ) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
