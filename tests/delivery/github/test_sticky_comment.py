"""We keep exactly one comment, and leave other people's alone."""

import pytest

from delivery.github.sticky_comment import put_comment
from delivery.rehearsal.github_stand_in import BOT, person
from tests.delivery.github.github_fixture import client, pull_request, serving


@pytest.mark.parametrize("of_an_app", [False, True])
def test_duplicates_are_deleted_and_a_strangers_comment_is_kept(of_an_app: bool) -> None:  # noqa: FBT001 a parameter
    with serving(pull_request()) as github:
        for user in (person("alice"), BOT, BOT):
            github.add_comment(7, user, "mark: old")
        github.add_comment(7, BOT, "something else")
        asking = client(github)
        own = {"is_own": asking.is_own} if of_an_app else {}
        for text in ("mark: new", "mark: newer"):
            put_comment(asking, 7, text, lambda text: text.startswith("mark"), **own)
        assert [row["body"] for row in github.comments[7]] == ["mark: old", "mark: newer", "something else"]


def test_the_first_comment_is_created() -> None:
    with serving(pull_request()) as github:
        put_comment(client(github), 7, "mark", lambda text: text == "mark")
        assert [row["body"] for row in github.comments[7]] == ["mark"]
