"""The GitHub API client against a server that answers in the documented format."""

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
def test_only_the_workflow_bot_is_recognized(github: GitHubStandIn, user: dict[str, str]) -> None:
    github.add_comment(7, user, "x")
    [comment] = client(github).comments(7)
    assert comment.user
    assert not comment.user.is_workflow


def test_a_comment_edited_by_a_person_is_detected(github: GitHubStandIn) -> None:
    written = github.add_comment(7, BOT, "x")
    [comment] = client(github).comments(7)
    assert not client(github).is_edited_by_people(comment)
    github.edit_comment(written, BOT, "y")
    assert not client(github).is_edited_by_people(comment)
    github.edit_comment(written, person("github-actions"), "z")
    assert client(github).is_edited_by_people(comment)


def test_our_comment_is_recognized_even_if_others_copy_it(github: GitHubStandIn) -> None:
    github.add_comment(7, BOT, "x")
    github.add_comment(7, person("alice"), "x")
    assert [client(github).is_own(comment) for comment in client(github).comments(7)] == [True, False]


def test_a_users_permission_is_read(github: GitHubStandIn) -> None:
    github.permissions |= {"alice": "admin", "bob": "write", "dave": "none"}
    assert {login: client(github).permission(login).may_write for login in ("alice", "bob", "dave", "carol")} == {
        "alice": True,
        "bob": True,
        "dave": False,
        "carol": False,
    }


def test_the_pull_requests_of_a_commit_are_found(github: GitHubStandIn) -> None:
    assert [row.number for row in client(github).pull_requests_of(MERGE)] == [7]
    assert client(github).pull_requests_of("1" * 40) == []
    assert client(github).pull_request(7).head.sha == HEAD


def test_only_a_branchs_open_pull_requests_are_found_on_all_pages() -> None:
    rows = [pull_request(number, state="open") for number in range(1, 104)]
    others = (
        pull_request(200),
        pull_request(201, state="open", head={"sha": HEAD, "ref": "other", "repo": {"full_name": REPOSITORY}}),
        pull_request(202, state="open", head={"sha": HEAD, "ref": "topic", "repo": {"full_name": "mallory/platform"}}),
    )
    with serving(*rows, *others) as github:
        assert [row.number for row in client(github).open_pull_requests("mosaic-stories:topic")] == list(range(1, 104))
        [fork] = client(github).open_pull_requests("mallory:topic")
        assert fork.head.repo
        assert (fork.head.repo.full_name, fork.state, fork.user and fork.user.login) == (
            "mallory/platform",
            "open",
            "alice",
        )
        assert client(github).open_pull_requests("mosaic-stories:a&state=closed") == []


@pytest.mark.parametrize("head", ["topic", "", ":topic", "mosaic-stories:", "a b:c"])
def test_a_head_filter_that_github_would_ignore_is_refused(github: GitHubStandIn, head: str) -> None:
    with pytest.raises(GitHubError, match=re.escape(f"the head {head!r} names no branch; allowed: OWNER:BRANCH")):
        client(github).open_pull_requests(head)
    assert github.requests == []


def test_only_a_current_approving_review_is_an_approval(github: GitHubStandIn) -> None:
    for state in ("COMMENTED", "APPROVED", "DISMISSED"):
        github.add_review(7, person("alice"), state, commit_id=HEAD, submitted_at="2026-11-24T12:00:00Z")
    found = client(github).reviews(7)
    assert [row.is_approval for row in found] == [False, True, False]
    assert {row.commit_id for row in found} == {HEAD}
    assert all(row.submitted_at and row.submitted_at.year == 2026 for row in found)
    with pytest.raises(GitHubError, match=r"pulls/8/reviews.*: 404"):
        client(github).reviews(8)


def test_a_commits_status_is_set(github: GitHubStandIn) -> None:
    client(github).set_status(HEAD, state="pending", context="plan", description="is planned", url="https://x.example")
    assert github.statuses == {
        HEAD: [{"state": "pending", "context": "plan", "description": "is planned", "target_url": "https://x.example"}]
    }
    with pytest.raises(GitHubError, match=f"POST /repos/{REPOSITORY}/statuses/{HEAD}: 422: .*140 characters"):
        client(github).set_status(HEAD, state="error", context="plan", description="x" * 141, url="https://x.example")


def test_a_branchs_tip_is_read_for_any_branch_name(github: GitHubStandIn) -> None:
    github.branches |= {"main": MERGE, "feature/a#b": HEAD}
    assert client(github).branch("main").commit.sha == MERGE
    assert client(github).branch("feature/a#b").commit.sha == HEAD
    with pytest.raises(GitHubError, match="branches/gone: 404: Branch not found"):
        client(github).branch("gone")


def test_a_workflow_run_is_read(github: GitHubStandIn) -> None:
    path = ".github/workflows/plan.yml"
    github.add_run(5, path, event="workflow_run", branch="main", commit=MERGE)
    run = client(github).workflow_run(5)
    assert run.head_repository
    assert (run.path, run.event, run.head_branch, run.head_sha) == (path, "workflow_run", "main", MERGE)
    assert run.head_repository.full_name == REPOSITORY
    with pytest.raises(GitHubError, match="actions/runs/6: 404"):
        client(github).workflow_run(6)


def test_an_oversized_artifact_is_not_downloaded(github: GitHubStandIn) -> None:
    github.add_artifact(5, "plan-staging", {})
    github.artifacts[0]["size_in_bytes"] = 1 << 40
    [artifact] = client(github).artifacts(5, "plan-staging")
    with pytest.raises(GitHubError, match=f"the artifact 'plan-staging' has {1 << 40} bytes; allowed: at most "):
        client(github).download(artifact)
    assert not [row for row in github.requests if "/zip" in row]


def test_open_and_closed_issues_with_a_label_are_listed_without_pull_requests(github: GitHubStandIn) -> None:
    first = client(github).create_issue(title="a", body="1", label="drift")
    client(github).create_issue(title="b", body="2", label="other")
    client(github).create_issue(title="c", body="3", label="drift")
    client(github).update_issue(first, body="1, gone", state="closed")
    github.issues[-1]["pull_request"] = {}
    assert [(row.title, row.body, row.state) for row in client(github).issues("drift")] == [("a", "1, gone", "closed")]


def test_an_artifact_is_downloaded_without_sending_the_token(github: GitHubStandIn) -> None:
    """The storage rejects requests with a token."""
    github.add_artifact(5, "plan-staging", {"staging/plan.json": b"{}"})
    github.add_artifact(5, "plan-prod", {})
    [artifact] = client(github).artifacts(5, "plan-staging")
    with zipfile.ZipFile(io.BytesIO(client(github).download(artifact))) as archive:
        assert archive.read("staging/plan.json") == b"{}"
    assert client(github).artifacts(6, "plan-staging") == ()


def test_a_refusal_is_reported_in_githubs_words(github: GitHubStandIn) -> None:
    with pytest.raises(GitHubError, match=r"POST /repos/mosaic-stories/platform/issues/8/comments: 404: Not Found"):
        client(github).create_comment(8, "x")
    with pytest.raises(GitHubError, match="422: Validation Failed: body is too long"):
        client(github).create_comment(7, "x" * (LIMIT + 1))


def test_a_wrong_token_is_refused_and_not_printed(github: GitHubStandIn) -> None:
    wrong = GitHub.from_variables({**github.variables(), "GITHUB_TOKEN": "planted-token"})
    with pytest.raises(GitHubError, match="401: Bad credentials") as refused:
        wrong.comments(7)
    assert "planted-token" not in str(refused.value)


def test_an_unresponsive_server_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("delivery.github.client._RETRY.total", 0)
    nowhere = GitHub(
        api="http://127.0.0.1:1", graphql="http://127.0.0.1:1/graphql", repository=REPOSITORY, token="made-up"
    )
    with pytest.raises(GitHubError, match=r"GET /repos/mosaic-stories/platform/pulls/7: no answer"):
        nowhere.pull_request(7)


def test_an_answer_in_another_form_is_reported(github: GitHubStandIn) -> None:
    github.pull_requests[0]["head"] = None
    with pytest.raises(GitHubError, match=re.escape("GitHub's answer does not match its documentation: head: ")):
        client(github).pull_request(7)


def test_all_missing_variables_are_reported_at_once() -> None:
    with pytest.raises(GitHubError, match=r"GITHUB_GRAPHQL_URL, GITHUB_TOKEN not set; .*make rehearse"):
        GitHub.from_variables({"GITHUB_API_URL": "x", "GITHUB_REPOSITORY": "y"})


def test_on_a_terminal_a_token_is_enough(github: GitHubStandIn) -> None:
    """Only this test sets the API's address, so that github.com is not called."""
    variables = {"GH_TOKEN": github.token, "GITHUB_API_URL": github.url}
    assert GitHub.of(REPOSITORY, variables).pull_request(7).head.sha == HEAD
    workflow = {**variables, "GITHUB_REPOSITORY": "mallory/platform"}
    with pytest.raises(GitHubError, match="/repos/mallory/platform/pulls/7: 404"):
        GitHub.of(REPOSITORY, workflow).pull_request(7)


@pytest.mark.parametrize("variables", [{}, {"GITHUB_TOKEN": "", "GH_TOKEN": ""}])
def test_without_a_token_the_message_says_where_to_get_one(variables: dict[str, str]) -> None:
    with pytest.raises(GitHubError, match=f"allowed: a token that may read {REPOSITORY}, for example"):
        GitHub.of(REPOSITORY, variables)


def test_other_repositories_are_read_with_the_same_token(github: GitHubStandIn) -> None:
    with pytest.raises(GitHubError, match="/repos/mosaic-stories/mosaic-life/pulls/7: 404"):
        client(github).elsewhere("mosaic-stories/mosaic-life").pull_request(7)
    assert github.requests == ["GET /repos/mosaic-stories/mosaic-life/pulls/7"]
