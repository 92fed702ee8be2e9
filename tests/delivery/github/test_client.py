"""The client of GitHub's API against a server that answers in the documented form."""

import io
import re
import zipfile
from collections.abc import Iterator

import pytest

from delivery.github.client import GitHub, GitHubError
from delivery.rehearsal.github_stand_in import BOT, GitHubStandIn, person
from delivery.report.markdown import LIMIT
from tests.delivery.github.github_fixture import HEAD, MERGE, REPOSITORY, client, pull_request, serving


@pytest.fixture
def github() -> Iterator[GitHubStandIn]:
    with serving(pull_request()) as standin:
        yield standin


def test_all_pages_of_comments_are_read_in_order(github: GitHubStandIn) -> None:
    for index in range(205):
        github.add_comment(7, person("alice"), f"comment {index}")
    assert [comment.body for comment in client(github).comments(7)] == [f"comment {index}" for index in range(205)]
    pages = [re.search(r"[?&]page=(\d+)", row) for row in github.requests]
    assert [page and page[1] for page in pages] == [None, "2", "3"], "the first request names no page"


def test_a_comment_is_created_changed_and_deleted(github: GitHubStandIn) -> None:
    client(github).create_comment(7, "first")
    [comment] = client(github).comments(7)
    assert comment.user
    assert comment.user.is_workflow
    client(github).update_comment(comment, "second")
    assert [row.body for row in client(github).comments(7)] == ["second"]
    client(github).delete_comment(comment)
    assert client(github).comments(7) == []


@pytest.mark.parametrize(
    "user", [person("github-actions[bot]"), {"login": "dependabot[bot]", "type": "Bot"}, person("alice")]
)
def test_nobody_else_is_the_workflows_bot(github: GitHubStandIn, user: dict[str, str]) -> None:
    github.add_comment(7, user, "x")
    [comment] = client(github).comments(7)
    assert comment.user
    assert not comment.user.is_workflow


def test_a_comment_that_a_person_changed_is_known(github: GitHubStandIn) -> None:
    written = github.add_comment(7, BOT, "x")
    [comment] = client(github).comments(7)
    assert not client(github).is_edited_by_people(comment)
    github.edit_comment(written, BOT, "y")
    assert not client(github).is_edited_by_people(comment)
    github.edit_comment(written, person("github-actions"), "z")
    assert client(github).is_edited_by_people(comment)


def test_the_pull_requests_of_a_commit_are_found(github: GitHubStandIn) -> None:
    assert [row.number for row in client(github).pull_requests_of(MERGE)] == [7]
    assert client(github).pull_requests_of("1" * 40) == []
    assert client(github).pull_request(7).head.sha == HEAD


def test_the_issues_of_a_label_are_listed_open_and_closed_without_pull_requests(github: GitHubStandIn) -> None:
    first = client(github).create_issue(title="a", body="1", label="drift")
    client(github).create_issue(title="b", body="2", label="other")
    client(github).create_issue(title="c", body="3", label="drift")
    client(github).update_issue(first, body="1, gone", state="closed")
    github.issues[-1]["pull_request"] = {}
    assert [(row.title, row.body, row.state) for row in client(github).issues("drift")] == [("a", "1, gone", "closed")]


def test_an_artifact_is_downloaded_without_sending_the_token(github: GitHubStandIn) -> None:
    """The storage refuses a request that has one."""
    github.add_artifact(5, "plan-staging", {"staging/plan.json": b"{}"})
    github.add_artifact(5, "plan-prod", {})
    [artifact] = client(github).artifacts(5, "plan-staging")
    with zipfile.ZipFile(io.BytesIO(client(github).download(artifact))) as archive:
        assert archive.read("staging/plan.json") == b"{}"
    assert client(github).artifacts(6, "plan-staging") == ()


def test_a_refusal_is_repeated_in_githubs_words(github: GitHubStandIn) -> None:
    with pytest.raises(GitHubError, match=r"POST /repos/mosaic-stories/platform/issues/8/comments: 404: Not Found"):
        client(github).create_comment(8, "x")
    with pytest.raises(GitHubError, match="422: Validation Failed: body is too long"):
        client(github).create_comment(7, "x" * (LIMIT + 1))


def test_a_wrong_token_is_refused_and_not_repeated(github: GitHubStandIn) -> None:
    wrong = GitHub.from_variables({**github.variables(), "GITHUB_TOKEN": "planted-token"})
    with pytest.raises(GitHubError, match="401: Bad credentials") as refused:
        wrong.comments(7)
    assert "planted-token" not in str(refused.value)


def test_a_server_that_does_not_answer_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("delivery.github.client._RETRY.total", 0)
    nowhere = GitHub(
        api="http://127.0.0.1:1", graphql="http://127.0.0.1:1/graphql", repository=REPOSITORY, token="made-up"
    )
    with pytest.raises(GitHubError, match=r"GET /repos/mosaic-stories/platform/pulls/7: no answer"):
        nowhere.pull_request(7)


def test_an_answer_in_another_form_is_named(github: GitHubStandIn) -> None:
    github.pull_requests[0]["head"] = None
    with pytest.raises(GitHubError, match=re.escape("GitHub's answer is not what it documents: head: ")):
        client(github).pull_request(7)


def test_missing_variables_are_named_at_once() -> None:
    with pytest.raises(GitHubError, match=r"GITHUB_GRAPHQL_URL, GITHUB_TOKEN not set; .*make rehearse"):
        GitHub.from_variables({"GITHUB_API_URL": "x", "GITHUB_REPOSITORY": "y"})
