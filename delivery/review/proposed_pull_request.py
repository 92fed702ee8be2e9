"""Finds a proposal's pull request by asking GitHub, never from what the proposal's code wrote."""

from collections.abc import Set

from delivery.github.client import GitHub
from delivery.github.objects import PullRequest
from delivery.github.run_context import FinishedRun


class NoPullRequestError(Exception):
    """No open pull request has this commit as its head; the message says what was found."""


def proposed_pull_request(github: GitHub, run: FinishedRun, branches: Set[str]) -> PullRequest:
    """Return the open pull request whose head is the commit of this run.

    branches: those that environments are deployed from. Raises NoPullRequestError unless there is exactly one into
    them, and GitHubError.
    """
    repository = run.head_repository
    found = [
        row
        for row in github.open_pull_requests(f"{repository.owner.login}:{run.head_branch}")
        if row.head.sha == run.head_sha
        and row.head.repo is not None
        and row.head.repo.full_name == repository.full_name
        and row.base.ref in branches
    ]
    if len(found) != 1:
        numbers = ", ".join(f"#{row.number}" for row in found) or "none; it may have been closed or pushed to since"
        raise NoPullRequestError(
            f"commit {run.head_sha} is not the head of one open pull request into {' or '.join(sorted(branches))} "
            f"(found: {numbers})"
        )
    return found[0]
