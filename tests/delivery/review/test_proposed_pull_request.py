"""A proposal's pull request is read from GitHub, by the commit of the run that made it."""

import re
from collections.abc import Mapping

import pytest

from delivery.github.run_context import FinishedRun
from delivery.rehearsal.github_stand_in import GitHubStandIn
from delivery.review.proposed_pull_request import NoPullRequestError, proposed_pull_request
from tests.delivery.github.github_fixture import HEAD, REPOSITORY, client, finished_run, pull_request, serving

OTHER = "0123456789abcdef0123456789abcdef01234567"
FORK = "stranger/platform"


def row(number: int, repository: str = REPOSITORY, **fields: object) -> dict[str, object]:
    return pull_request(number, **{"state": "open", "head": head(repository=repository), **fields})


def head(commit: str = HEAD, repository: str = REPOSITORY) -> dict[str, object]:
    return {"sha": commit, "ref": "topic", "repo": {"full_name": repository}}


def run(repository: str = REPOSITORY) -> FinishedRun:
    return FinishedRun.model_validate(finished_run(repository))


def found(github: GitHubStandIn, finished: FinishedRun) -> int:
    return proposed_pull_request(client(github), finished, {"develop", "main"}).number


@pytest.mark.parametrize("repository", [REPOSITORY, FORK])
def test_the_pull_request_with_this_head_is_found(repository: str) -> None:
    others = [pull_request(5, state="open", head=head(OTHER)), row(6, state="closed")]
    with serving(*others, row(7, repository)) as github:
        assert found(github, run(repository)) == 7


@pytest.mark.parametrize(
    ("rows", "numbers"),
    [
        ([], "none"),
        ([pull_request(5, state="open", head=head(OTHER))], "none"),
        ([row(5, state="closed")], "none"),
        ([row(5, base={"sha": OTHER, "ref": "topic-2"})], "none"),
        ([row(5), row(6, base={"sha": OTHER, "ref": "main"})], "#5, #6"),
    ],
    ids=["without any", "of another commit", "closed", "into no environment's branch", "of two at once"],
)
def test_no_other_pull_request_matches(rows: list[Mapping[str, object]], numbers: str) -> None:
    with serving(*map(dict, rows)) as github, pytest.raises(NoPullRequestError) as refused:
        found(github, run())
    assert re.search(
        rf"commit {HEAD} is not the head of one open pull request .*\(found: {numbers}", str(refused.value)
    )


def test_a_forks_branch_with_the_same_name_does_not_match() -> None:
    """The request names only the owner; the repository is only in the answer."""
    with serving(row(7, f"{REPOSITORY.partition('/')[0]}/fork")) as github, pytest.raises(NoPullRequestError):
        found(github, run())
