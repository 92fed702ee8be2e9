"""Finds the plan that was reviewed in the pull request whose merge is being deployed."""

from dataclasses import dataclass

from delivery.github.client import GitHub, GitHubError
from delivery.github.objects import Comment, PullRequest, Run
from delivery.github.sticky_comment import own_comments
from delivery.review.header import CommentHeader, is_plan_comment
from delivery.review.kept_plan import KeptPlan, kept_plans
from environments.schema.settings import Environment
from modules.model.selected_settings import SHARED

# It runs the default branch's version, whatever the pull request changes in the file.
_WORKFLOW, _EVENT = ".github/workflows/plan.yml", "workflow_run"


class NotReviewedError(Exception):
    """No plan of this environment was reviewed; the message says why."""


@dataclass(frozen=True, kw_only=True)
class ReviewedPlan:
    """The plan shown in a merged pull request's comment, as the comment's run kept it."""

    hash: str
    kept: KeptPlan


def merged_pull_request(github: GitHub, environment: Environment, commit: str) -> PullRequest:
    """The pull request whose merge into the environment's branch created this commit.

    Raises NotReviewedError or GitHubError.
    """
    branch = environment.deployed_branch(SHARED)
    merged = [
        row
        for row in github.pull_requests_of(commit)
        if row.merged_at and row.merge_commit_sha == commit and row.base.ref == branch
    ]
    if len(merged) != 1:
        numbers = ", ".join(f"#{row.number}" for row in merged) or "none"
        raise NotReviewedError(f"commit {commit} is not the merge of one pull request into {branch} (found: {numbers})")
    return merged[0]


def reviewed_plan(github: GitHub, environment: Environment, pull_request: PullRequest) -> ReviewedPlan:
    """The plan of this environment in the pull request's comment. Raises NotReviewedError or GitHubError."""
    comments = own_comments(github, pull_request.number, is_plan_comment)
    if not comments:
        raise NotReviewedError("the pull request has no plan comment by the workflow")
    comment = comments[-1]
    header = _header(comment)
    planned = header.environments.get(environment.name)
    if github.is_edited_by_people(comment):
        raise NotReviewedError("the plan comment was edited by a person")
    if header.pull_request != pull_request.number:
        raise NotReviewedError(
            f"the plan comment is about pull request {header.pull_request}, but {pull_request.number} was merged"
        )
    if header.commit != pull_request.head.sha:
        raise NotReviewedError(
            f"the plan comment is about commit {header.commit}, but {pull_request.head.sha} was merged"
        )
    if header.cut:
        raise NotReviewedError("the plan comment was cut, so nobody has seen the whole plan")
    if planned is None or planned.hash is None:
        raise NotReviewedError(f"the plan comment shows no plan of {environment.name}")
    if planned.guard != "passed":
        raise NotReviewedError(f"the guard stopped the plan of {environment.name}")
    run = _trusted_run(github, header.run)
    # Anyone with a workflow's token can write a comment and name any run in it, but cannot put a plan into that run.
    kept = kept_plans(github, environment, run)
    if not kept:
        raise NotReviewedError(f"the workflow run {run} no longer keeps the plan of {environment.name}")
    for plan in kept:
        if plan.hash == planned.hash:
            return ReviewedPlan(hash=planned.hash, kept=plan)
    raise NotReviewedError(
        f"the plan comment shows {planned.hash}, but the workflow run {run} that it names made {kept[-1].hash}"
    )


def _header(comment: Comment) -> CommentHeader:
    header = CommentHeader.of(comment.body or "")
    assert header is not None  # noqa: S101 it was chosen for having one
    return header


def _trusted_run(github: GitHub, number: int | None) -> int:
    """The id of the run that wrote the comment, if it ran the default branch's workflow. Raises NotReviewedError."""
    if number is None:
        raise NotReviewedError("the plan comment does not name the workflow run that wrote it")
    try:
        run = github.workflow_run(number)
    except GitHubError as error:
        raise NotReviewedError(
            f"the workflow run {number} that the plan comment names was not found: {error}"
        ) from None
    if said := _why_untrusted(run):
        raise NotReviewedError(
            f"the workflow run {number} that the plan comment names {said}; allowed: {_WORKFLOW} of "
            f"{SHARED.default_branch}, started by {_EVENT}"
        )
    return run.id


def _why_untrusted(run: Run) -> str | None:
    # GitHub may append the branch to the file name; head_branch names it.
    path = run.path.partition("@")[0]
    repository = run.head_repository.full_name if run.head_repository else None
    if path != _WORKFLOW:
        return f"is a run of {path}"
    if run.event != _EVENT:
        return f"was started by {run.event}"
    if repository != SHARED.repository:
        return f"belongs to the repository {repository}"
    return None if run.head_branch == SHARED.default_branch else f"belongs to the branch {run.head_branch}"
