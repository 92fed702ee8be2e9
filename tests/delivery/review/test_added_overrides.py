"""An override added after an approval gets its own comment before it counts."""

from collections.abc import Iterator

import pytest

from delivery.policy.overrides import Overrides
from delivery.rehearsal.github_stand_in import BOT, GitHubStandIn, person
from delivery.report.markdown import LIMIT
from delivery.review.added_overrides import announce, is_announcement, shown_overrides
from delivery.review.header import CommentHeader
from tests.delivery.github.github_fixture import HEAD, client, pull_request, serving
from tests.delivery.review.prose import outside_code

FIRST = "plan-guard: allow data-loss prod:aws_s3_bucket.backups because they moved"
SECOND = "plan-guard: allow quota staging:kubernetes_resource_quota_v1.x because `</details>` @mosaic-stories/admins"
BOTH = Overrides.of(f"```\n{FIRST}\n{SECOND}\n```")
DIGESTS = [row.digest for row in BOTH.allowed]


@pytest.fixture
def github() -> Iterator[GitHubStandIn]:
    with serving(pull_request(state="open", merged_at=None)) as standin:
        yield standin


def plan_comment(*digests: str) -> str:
    header = CommentHeader(commit=HEAD, cut=False, overrides=digests, environments={})
    return f"{header.line}\n\n## Plan"


def comments(github: GitHubStandIn) -> list[str]:
    return [row["body"] for row in github.comments.get(7, [])]


def test_nothing_is_posted_before_an_approval(github: GitHubStandIn) -> None:
    for state in ("COMMENTED", "CHANGES_REQUESTED", "DISMISSED"):
        github.add_review(7, person("alice"), state)
    announce(client(github), 7, BOTH)
    assert comments(github) == []
    assert shown_overrides(client(github), 7) == frozenset()


def test_after_an_approval_new_lines_are_shown_once(github: GitHubStandIn) -> None:
    github.add_comment(7, BOT, plan_comment(DIGESTS[0]))
    github.add_review(7, person("alice"), "APPROVED")
    github.add_review(7, person("bob"), "APPROVED")
    github.add_review(7, person("alice"), "APPROVED")
    announce(client(github), 7, BOTH)
    [_, written] = comments(github)
    assert is_announcement(written)
    assert "After @alice and @bob approved" in written
    assert SECOND in written
    assert FIRST not in written
    assert "@mosaic-stories" not in outside_code(written)
    assert "</details>" not in outside_code(written)
    assert shown_overrides(client(github), 7) == frozenset(DIGESTS)
    announce(client(github), 7, BOTH)
    assert len(comments(github)) == 2


def test_after_the_merge_lines_are_shown_without_an_approval(github: GitHubStandIn) -> None:
    github.pull_requests[0]["merged_at"] = "2026-11-24T12:00:00Z"
    announce(client(github), 7, BOTH)
    [written] = comments(github)
    assert "After this pull request was merged" in written
    assert BOTH.only(shown_overrides(client(github), 7)) == BOTH


def test_without_a_line_no_request_is_made(github: GitHubStandIn) -> None:
    announce(client(github), 7, Overrides.of("plan-guard: please"))
    assert github.requests == []


def test_foreign_and_edited_comments_do_not_count_as_shown(github: GitHubStandIn) -> None:
    text = plan_comment(*DIGESTS)
    github.add_comment(7, person("mallory"), text)
    github.add_comment(7, {"login": "other[bot]", "type": "Bot"}, text)
    github.add_comment(7, BOT, "x " + text)
    edited = github.add_comment(7, BOT, plan_comment())
    github.edit_comment(edited, person("mallory"), text)
    assert shown_overrides(client(github), 7) == frozenset()
    github.edit_comment(edited, BOT, text)
    assert shown_overrides(client(github), 7) == frozenset(DIGESTS)


def test_even_the_most_lines_a_description_can_hold_are_all_shown(github: GitHubStandIn) -> None:
    github.add_review(7, person("alice"), "APPROVED")
    lines = [f"plan-guard: allow quota staging:x.y{index} because {'x' * (index % 3)}z" for index in range(1000)]
    many = Overrides.of("\n".join(lines))
    assert len(many.allowed) == len(lines)
    announce(client(github), 7, many)
    assert many.only(shown_overrides(client(github), 7)) == many
    long = Overrides.of(f"{FIRST} {'x' * (LIMIT - len(FIRST) - 1)}")
    announce(client(github), 7, long)
    assert f"… ({LIMIT} characters)" in comments(github)[-1]


@pytest.mark.parametrize("text", ["", "## ⚠️", "<!-- mosaic-overrides  -->", f"<!-- mosaic-overrides {'0' * 31} -->"])
def test_other_text_is_not_an_announcement(text: str) -> None:
    assert not is_announcement(text)
