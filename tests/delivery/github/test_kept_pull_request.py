"""The single pull request of a branch that a workflow maintains."""

from collections.abc import Iterator

import pytest

from delivery.github.client import GitHubError
from delivery.github.kept_pull_request import (
    close_pull_request,
    find_pull_request,
    keep_pull_request,
    start_workflows,
)
from delivery.github.objects import PullRequest
from delivery.rehearsal.github_stand_in import GitHubStandIn
from tests.delivery.github.github_fixture import client, serving

BRANCH = "promote/prod"


@pytest.fixture
def github() -> Iterator[GitHubStandIn]:
    with serving() as standin:
        for branch in ("main", "develop", BRANCH):
            standin.git.commit(branch, {})
        yield standin


def keep(github: GitHubStandIn, title: str, base: str = "main") -> PullRequest:
    return keep_pull_request(client(github), branch=BRANCH, base=base, title=title, body=f"body of {title}")


def test_a_pull_request_is_opened_once_and_updated(github: GitHubStandIn) -> None:
    first, second = keep(github, "one"), keep(github, "two")
    assert first.number == second.number
    [row] = github.pull_requests
    assert (row["title"], row["body"], row["base"]["ref"], row["state"]) == ("two", "body of two", "main", "open")


def test_a_pull_request_is_closed_with_a_comment_and_followed_by_a_new_one(github: GitHubStandIn) -> None:
    first = keep(github, "one")
    close_pull_request(client(github), first, "merged already")
    assert [row["body"] for row in github.comments[first.number]] == ["merged already"]
    assert find_pull_request(client(github), branch=BRANCH, base="main") is None
    assert keep(github, "two").number != first.number


def test_a_pull_request_into_another_branch_is_a_different_one(github: GitHubStandIn) -> None:
    keep(github, "one", base="develop")
    assert find_pull_request(client(github), branch=BRANCH, base="main") is None


def test_workflows_are_started_on_an_existing_branch(github: GitHubStandIn) -> None:
    tip = github.branches[BRANCH]
    start_workflows(client(github), ["propose.yml", "ci.yml"], branch=BRANCH, commit=tip)
    assert github.git.dispatched == [("propose.yml", BRANCH), ("ci.yml", BRANCH)]
    with pytest.raises(GitHubError, match="No ref found for: gone"):
        start_workflows(client(github), ["ci.yml"], branch="gone", commit="0" * 40)


def test_a_workflow_that_already_ran_on_the_commit_is_not_started_again(github: GitHubStandIn) -> None:
    """Also if the previous run ended between two of them."""
    tip = github.branches[BRANCH]
    start_workflows(client(github), ["propose.yml"], branch=BRANCH, commit=tip)
    start_workflows(client(github), ["propose.yml", "ci.yml"], branch=BRANCH, commit=tip)
    assert github.git.dispatched == [("propose.yml", BRANCH), ("ci.yml", BRANCH)]
    start_workflows(client(github), ["ci.yml"], branch=BRANCH, commit=github.git.commit(BRANCH, {"a": "b"}))
    assert github.git.dispatched[2:] == [("ci.yml", BRANCH)]
