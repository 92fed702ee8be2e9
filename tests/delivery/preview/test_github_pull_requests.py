"""GitHub's answers about a pull request count only if they are complete and about this pull request."""

import json
from collections.abc import Iterator

import pytest

from delivery.github.client import GitHub, GitHubError
from delivery.preview.github_pull_requests import GitHubPullRequests
from delivery.preview.pull_requests import Open, Over, Refused, Unclear
from delivery.rehearsal.github_stand_in import GitHubStandIn, Row, person
from environments.schema.previews import Previews
from tests.delivery.github.broken_server import answering
from tests.delivery.github.github_fixture import HEAD, REPOSITORY, client, pull_request, serving

PREVIEWS = Previews(repository=REPOSITORY)
LABELLED: Row = {"state": "open", "merged_at": None, "labels": [{"name": "preview"}]}
OTHER = "1" * 40


def fork(**fields: object) -> Row:
    head = {"sha": HEAD, "ref": "topic", "repo": {"full_name": "mallory/mosaic-life"}}
    return pull_request(7, **{**LABELLED, "head": head, **fields})


def asking(github: GitHubStandIn) -> GitHubPullRequests:
    return GitHubPullRequests(github=client(github), previews=PREVIEWS)


@pytest.fixture
def github() -> Iterator[GitHubStandIn]:
    with serving(pull_request(**LABELLED)) as standin:
        yield standin


@pytest.fixture
def forked() -> Iterator[GitHubStandIn]:
    with serving(fork()) as standin:
        standin.permissions |= {"maintainer": "write", "owner": "admin", "triager": "read"}
        yield standin


@pytest.mark.parametrize(
    ("fields", "state"),
    [
        ({}, Open()),
        ({"labels": [{"name": "other"}, {"name": "Preview"}]}, Open()),
        ({"state": "closed"}, Over(reason="it was closed")),
        ({"state": "closed", "merged_at": "2026-11-24T12:00:00Z"}, Over(reason="it was merged")),
        ({"labels": []}, Over(reason="it no longer has the label 'preview'")),
        ({"labels": [{"name": "previews"}]}, Over(reason="it no longer has the label 'preview'")),
    ],
)
def test_a_pull_request_is_open_or_over(github: GitHubStandIn, fields: Row, state: Open | Over) -> None:
    github.pull_requests[0] |= fields
    assert asking(github).state(REPOSITORY, 7) == state


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"labels": None}, "labels: "),
        ({"state": "merged"}, "state: "),
        ({"number": 7, "base": {"sha": HEAD, "ref": "main", "repo": {"full_name": "new/name"}}}, "new/name#7"),
        ({"base": {"sha": HEAD, "ref": "main", "repo": None}}, "nobody#7"),
    ],
)
def test_an_odd_answer_ends_nothing(github: GitHubStandIn, fields: Row, said: str) -> None:
    github.pull_requests[0] |= {"state": "closed", **fields}
    state = asking(github).state(REPOSITORY, 7)
    assert isinstance(state, Unclear)
    assert said in state.reason


def test_without_labels_in_the_answer_nothing_is_over(github: GitHubStandIn) -> None:
    del github.pull_requests[0]["labels"]
    assert isinstance(asking(github).state(REPOSITORY, 7), Unclear)


def test_a_pull_request_that_is_not_found_ends_nothing(github: GitHubStandIn) -> None:
    assert asking(github).state(REPOSITORY, 8) == Unclear(
        reason=f"GitHub: GET /repos/{REPOSITORY}/pulls/8: 404: Not Found"
    )


@pytest.mark.parametrize(
    ("status", "body", "length"),
    [
        (500, b"", None),
        (404, b"{}", None),
        (401, b"{}", None),
        (200, b"", None),
        (200, b'{"number": 7, "sta', None),
        (200, b"[]", 9),
    ],
    ids=["an error", "not found", "not admitted", "nothing", "cut JSON", "a cut answer"],
)
@pytest.mark.usefixtures("no_retries")
def test_missing_and_incomplete_answers_end_nothing(status: int, body: bytes, length: int | None) -> None:
    with answering(status, body, length=length) as url:
        asked = GitHubPullRequests(github=_client(url), previews=PREVIEWS)
        assert isinstance(asked.state(REPOSITORY, 7), Unclear)
        assert isinstance(asked.labelled(REPOSITORY), Unclear)
        assert isinstance(asked.refusal(REPOSITORY, 7, HEAD), Unclear)


def test_only_labelled_pull_requests_are_read_from_all_pages() -> None:
    rows = [pull_request(number, **LABELLED) for number in range(1, 104)]
    others = (pull_request(200, **{**LABELLED, "labels": []}), pull_request(201, **{**LABELLED, "state": "closed"}))
    with serving(*rows, *others) as github:
        github.issues.append({**pull_request(202, **LABELLED), "pull_request": None})
        assert asking(github).labelled(REPOSITORY) == tuple(range(1, 104))


def test_an_incomplete_list_is_rejected() -> None:
    rows = [{**pull_request(number, **LABELLED), "pull_request": {}} for number in range(1, 100)]
    link = f'<https://example.com/repos/{REPOSITORY}/issues?page=2>; rel="next"'
    with answering(200, json.dumps(rows).encode(), Link=link) as url:
        found = GitHubPullRequests(github=_client(url), previews=PREVIEWS).labelled(REPOSITORY)
    assert isinstance(found, Unclear)
    assert "99 rows instead of a full page's 100" in found.reason


def test_a_pull_request_of_the_repository_claims_with_its_head(github: GitHubStandIn) -> None:
    assert asking(github).refusal(REPOSITORY, 7, HEAD) is None


@pytest.mark.parametrize(
    ("fields", "commit", "said"),
    [
        ({"state": "closed"}, HEAD, "it is closed; allowed: an open pull request"),
        ({"labels": []}, HEAD, "it has no label 'preview'; allowed: one that has it"),
        ({}, OTHER, f"its head is {HEAD}, but the images are from {OTHER}"),
    ],
)
def test_a_refused_claim_says_why(github: GitHubStandIn, fields: Row, commit: str, said: str) -> None:
    github.pull_requests[0] |= fields
    refused = asking(github).refusal(REPOSITORY, 7, commit)
    assert isinstance(refused, Refused)
    assert said in refused.reason


def test_another_repository_is_refused_without_a_request(github: GitHubStandIn) -> None:
    asked = asking(github)
    assert isinstance(asked.refusal("mallory/other", 7, HEAD), Refused)
    assert isinstance(asked.state("mallory/other", 7), Unclear)
    assert isinstance(asked.labelled("mallory/other"), Unclear)
    assert github.requests == []


def test_a_forks_commit_needs_approval_from_somebody_with_write_access(forked: GitHubStandIn) -> None:
    def refusal() -> Refused | Unclear | None:
        return asking(forked).refusal(REPOSITORY, 7, HEAD)

    refused = refusal()
    assert isinstance(refused, Refused)
    assert refused.reason == (
        f"it comes from mallory/mosaic-life, and nobody who may write to {REPOSITORY} has approved {HEAD}; allowed: "
        "a commit that such a person's review approves"
    )
    forked.add_review(7, person("mallory"), "APPROVED", commit_id=HEAD)
    forked.add_review(7, person("triager"), "APPROVED", commit_id=HEAD)
    forked.add_review(7, {"login": "reviewer[bot]", "type": "Bot"}, "APPROVED", commit_id=HEAD)
    forked.add_review(7, person("maintainer"), "COMMENTED", commit_id=HEAD)
    forked.add_review(7, person("owner"), "APPROVED", commit_id=OTHER)
    assert isinstance(refusal(), Refused), "none of them approves this commit and may write"
    forked.add_review(7, person("maintainer"), "APPROVED", commit_id=HEAD)
    assert refusal() is None
    forked.add_review(7, person("maintainer"), "COMMENTED", commit_id=HEAD)
    assert refusal() is None, "a comment takes nothing back"


@pytest.mark.parametrize("verdict", ["CHANGES_REQUESTED", "DISMISSED"])
def test_a_forks_approval_can_be_withdrawn(forked: GitHubStandIn, verdict: str) -> None:
    forked.add_review(7, person("maintainer"), "APPROVED", commit_id=HEAD)
    forked.add_review(7, person("maintainer"), verdict, commit_id=HEAD)
    assert isinstance(asking(forked).refusal(REPOSITORY, 7, HEAD), Refused)


def test_a_deleted_fork_is_still_a_fork() -> None:
    with serving(fork(head={"sha": HEAD, "ref": "topic", "repo": None})) as github:
        refused = asking(github).refusal(REPOSITORY, 7, HEAD)
    assert isinstance(refused, Refused)
    assert "a deleted repository" in refused.reason


def test_an_approval_that_cannot_be_read_is_unclear(forked: GitHubStandIn) -> None:
    forked.add_review(7, person("maintainer"), "APPROVED", commit_id=HEAD)
    forked.permissions["maintainer"] = "unheard of"
    assert isinstance(asking(forked).refusal(REPOSITORY, 7, HEAD), Unclear)


def test_requests_go_to_the_applications_repository(github: GitHubStandIn) -> None:
    variables = {**github.variables(), "GITHUB_REPOSITORY": "mosaic-stories/another"}
    assert GitHubPullRequests.of(PREVIEWS, variables).state(REPOSITORY, 7) == Open()
    with pytest.raises(GitHubError, match=f"a token that may read {REPOSITORY}"):
        GitHubPullRequests.of(PREVIEWS, {})


def _client(url: str) -> GitHub:
    return GitHub(api=url, graphql=f"{url}/graphql", repository=REPOSITORY, token="made-up")
