"""Finds the plan that was reviewed in the pull request whose merge is being deployed."""

import io
import zipfile
from dataclasses import dataclass

from delivery.github.client import GitHub
from delivery.github.objects import Comment, PullRequest
from delivery.github.sticky_comment import own_comments
from delivery.plan.document import Plan, PlanError
from delivery.plan.hash import plan_hash
from delivery.review.header import CommentHeader, is_plan_comment
from environments.schema.settings import Environment


class NotReviewedError(Exception):
    """No plan of this environment was reviewed; the message says why.

    pull_request: the merged one, None where there is none. run: what made the comment's plans, where it is known.
    """

    def __init__(self, why: str, pull_request: PullRequest | None = None) -> None:
        super().__init__(why)
        self.pull_request = pull_request


@dataclass(frozen=True, kw_only=True)
class ReviewedPlan:
    """The hash of the plan that a merged pull request showed, and the run that keeps this plan."""

    pull_request: PullRequest
    hash: str
    run: int | None


def merged_pull_request(github: GitHub, environment: Environment, commit: str) -> PullRequest:
    """The pull request whose merge into the environment's branch made this commit.

    Raises NotReviewedError or GitHubError.
    """
    merged = [
        row
        for row in github.pull_requests_of(commit)
        if row.merged_at and row.merge_commit_sha == commit and row.base.ref == environment.branch
    ]
    if len(merged) != 1:
        numbers = ", ".join(f"#{row.number}" for row in merged) or "none"
        raise NotReviewedError(
            f"commit {commit} is not the merge of one pull request into {environment.branch} (found: {numbers})"
        )
    return merged[0]


def reviewed_plan(github: GitHub, environment: Environment, pull_request: PullRequest) -> ReviewedPlan:
    """The plan of this environment in the pull request's comment. Raises NotReviewedError or GitHubError."""
    comments = own_comments(github, pull_request.number, is_plan_comment)
    if not comments:
        raise NotReviewedError("the pull request has no plan comment by the workflow", pull_request)
    comment = comments[-1]
    header = _header(comment)
    planned = header.environments.get(environment.name)
    if github.is_edited_by_people(comment):
        why = "the plan comment was edited by a person"
    elif header.commit != pull_request.head.sha:
        why = f"the plan comment is about commit {header.commit}, and {pull_request.head.sha} was merged"
    elif header.cut:
        why = "the plan comment was cut, so nobody has seen the whole plan in it"
    elif planned is None or planned.hash is None:
        why = f"the plan comment shows no plan of {environment.name}"
    elif planned.guard != "passed":
        why = f"the guard stopped the plan of {environment.name}"
    else:
        return ReviewedPlan(pull_request=pull_request, hash=planned.hash, run=header.run)
    raise NotReviewedError(why, pull_request)


def _header(comment: Comment) -> CommentHeader:
    header = CommentHeader.of(comment.body or "")
    assert header is not None  # noqa: S101 it was chosen for having one
    return header


def kept_plan(github: GitHub, environment: Environment, reviewed: ReviewedPlan) -> Plan | None:
    """The reviewed plan itself, from the artifact of its run; None where it is gone or is not that plan.

    Raises GitHubError.
    """
    if reviewed.run is None:
        return None
    for artifact in github.artifacts(reviewed.run, f"plan-{environment.name}"):
        if artifact.expired:
            continue
        try:
            with zipfile.ZipFile(io.BytesIO(github.download(artifact))) as archive:
                plan = Plan.parse(archive.read(f"{environment.name}/plan.json").decode())
        except (zipfile.BadZipFile, KeyError, UnicodeDecodeError, PlanError):
            continue
        if plan_hash(plan) == reviewed.hash:
            return plan
    return None
