"""Create or update the plan comment on the pull request, and set its check "plan".

``python -m delivery post-comment NUMBER [--plans FOLDER] [--proposal FOLDER]`` runs in a step of plan.yml with
GITHUB_TOKEN. The folders are those that ``python -m delivery propose`` and ``save-plan --proposal`` wrote. Exit code 0:
the comment is written; 1: it is written, and a plan failed or the guard stops one; 2: it cannot be written.
"""

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from delivery.github.client import GitHub, GitHubError
from delivery.github.plan_check import CHECK
from delivery.github.run_context import FinishedRun, WorkflowRun
from delivery.github.sticky_comment import put_comment
from delivery.history.known_images import known_images
from delivery.history.record import RecordError
from delivery.plan.artifact import PLANS
from delivery.plan.document import PlanError
from delivery.policy.overrides import Overrides
from delivery.policy.rules.known_image import KnownImage
from delivery.proposal.error import ProposalError
from delivery.proposal.judged_proposal import FOLDER, JudgedProposal
from delivery.review.added_overrides import announce
from delivery.review.comment import CommentTooLongError, compose
from delivery.review.explanation import explanations
from delivery.review.header import is_plan_comment
from delivery.review.outcome import Failure
from delivery.review.outcomes import CommentInputError, masked, proposed_outcomes
from environments.schema.rules import SettingsError
from modules.model.names import InvalidNameError
from modules.model.selected_settings import SETTINGS


def post(number: int, plans: Path, folder: Path) -> bool:
    """Write the comment and set the check; return whether it lets the pull request pass.

    Raises GitHubError, ProposalError, PlanError, SettingsError, CommentInputError or CommentTooLongError.
    """
    finished, run, github = FinishedRun.from_variables(), WorkflowRun.from_variables(), GitHub.from_variables()
    pull_request = github.pull_request(number)
    if pull_request.head.sha != finished.head_sha:
        raise GitHubError(
            f"the head of #{number} is now {pull_request.head.sha}, but {finished.head_sha} was planned; "
            "the run for the newer commit writes the comment"
        )
    overrides = Overrides.of(pull_request.body)
    proposal = JudgedProposal.read(folder, SETTINGS)
    outcomes = proposed_outcomes(plans, proposal, overrides=overrides, known_images=_known_images(github))
    comment = compose(
        outcomes,
        commit=finished.head_sha,
        artifact_url=f"{run.url}#artifacts",
        overrides=overrides,
        mask=masked(outcomes),
        run=run.number,
        pull_request=number,
        explanations=explanations(proposal),
    )
    announce(github, number, overrides)
    put_comment(github, number, comment, is_plan_comment)
    passes = not any(isinstance(outcome, Failure) or outcome.guard_result.blocking for outcome in outcomes)
    github.set_status(
        finished.head_sha,
        state="success" if passes else "failure",
        context=CHECK,
        description="The guard stops nothing" if passes else "A plan failed, or the guard stops it: see the comment",
        url=run.url,
    )
    return passes


def _known_images(github: GitHub) -> Mapping[str, KnownImage] | None:
    """The images for the guard; None if newer code than the base branch's has written the records."""
    try:
        return known_images(github, SETTINGS.lasting_names())
    except RecordError as error:
        print(f"cannot look up which images were verified: {error}", file=sys.stderr)
        return None


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse the command line and write the comment."""
    parser = argparse.ArgumentParser(prog="python -m delivery post-comment", description=__doc__)
    parser.add_argument("number", type=int, metavar="NUMBER", help="number of the pull request")
    parser.add_argument("--plans", type=Path, default=PLANS, help=f"folder that save-plan wrote ({PLANS})")
    parser.add_argument("--proposal", type=Path, default=FOLDER, help=f"folder that propose wrote ({FOLDER})")
    options = parser.parse_args(arguments)
    try:
        return 0 if post(options.number, options.plans, options.proposal) else 1
    except (
        GitHubError,
        ProposalError,
        PlanError,
        SettingsError,
        InvalidNameError,
        CommentInputError,
        CommentTooLongError,
    ) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
