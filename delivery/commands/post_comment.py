"""Puts the plan comment on the pull request that started the workflow: one comment, updated in place.

``python -m delivery.commands.post_comment [--plans FOLDER]``, in a step of a pull_request workflow with GITHUB_TOKEN. FOLDER is
what ``python -m delivery.commands.save_plan`` wrote about every environment. Exit code 0: the comment is there; 1: it is, and
says that a plan failed or that the guard stops one; 2: it cannot be written.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from delivery.commands.comment import kept_outcomes, masked
from delivery.github.client import GitHub, GitHubError
from delivery.github.run_context import EventPullRequest, WorkflowRun
from delivery.github.sticky_comment import put_comment
from delivery.plan.artifact import PLANS
from delivery.plan.document import PlanError
from delivery.policy.guard import GuardInputError
from delivery.policy.overrides import Overrides
from delivery.review.comment import CommentTooLongError, Planned, compose
from delivery.review.header import CommentHeader
from environments.schema.rules import SettingsError
from modules.model.names import InvalidNameError


def is_plan_comment(text: str) -> bool:
    """The text is a plan comment's."""
    return CommentHeader.of(text) is not None


def post(plans: Path) -> bool:
    """Write the comment; return whether it lets the pull request pass.

    Raises GitHubError, PlanError, GuardInputError, SettingsError or CommentTooLongError.
    """
    pull_request, run = EventPullRequest.from_variables(), WorkflowRun.from_variables()
    overrides = Overrides.of(pull_request.body or "")
    outcomes = kept_outcomes(plans, overrides=overrides)
    comment = compose(
        outcomes,
        commit=pull_request.head.sha,
        artifact_url=f"{run.url}#artifacts",
        overrides=overrides,
        mask=masked(outcomes),
        run=run.number,
    )
    put_comment(GitHub.from_variables(), pull_request.number, comment, is_plan_comment)
    return all(isinstance(outcome, Planned) and not outcome.verdict.stopping for outcome in outcomes)


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse the command line and write the comment."""
    parser = argparse.ArgumentParser(prog="python -m delivery.commands.post_comment", description=__doc__)
    parser.add_argument("--plans", type=Path, default=PLANS, help=f"folder of delivery.commands.save_plan ({PLANS})")
    options = parser.parse_args(arguments)
    try:
        return 0 if post(options.plans) else 1
    except (
        GitHubError,
        PlanError,
        GuardInputError,
        SettingsError,
        InvalidNameError,
        CommentTooLongError,
    ) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
