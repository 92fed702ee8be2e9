"""The commits of the application that an image adds, if they can be read."""

import pytest

from delivery.promotion.commits import commits_between
from tests.delivery.github.github_fixture import client, serving

REPOSITORY = "mosaic-stories/mosaic-life"
PAGE = "https://github.com/mosaic-stories/mosaic-life/compare/80d2e05...e399d2f"


@pytest.mark.parametrize(
    ("url", "before", "after", "said"),
    [
        (f"https://github.com/{REPOSITORY}", "prod-80d2e05", "staging-e399d2f", f"[12 commits]({PAGE})"),
        (f"https://github.com/{REPOSITORY}.git", "80d2e05", "e399d2f", f"[12 commits]({PAGE})"),
        (f"https://github.com/{REPOSITORY}", "prod-80d2e05", "staging-80d2e05", "none"),
        (f"https://github.com/{REPOSITORY}", "v1.2.3", "staging-e399d2f", "unknown: a tag names no commit"),
        (f"https://github.com/{REPOSITORY}", None, "staging-e399d2f", "unknown: a tag names no commit"),
        ("https://example.com/a/b", "80d2e05", "e399d2f", "unknown: the application is not on GitHub"),
        (
            "https://github.com/mosaic-stories/private",
            "80d2e05",
            "e399d2f",
            "unknown: mosaic-stories/private cannot be read or lacks one of them",
        ),
    ],
)
def test_commits_between_two_tags(url: str, before: str | None, after: str, said: str) -> None:
    with serving() as github:
        found = {"ahead_by": 12, "behind_by": 0, "html_url": PAGE}
        github.git.comparisons[REPOSITORY, "80d2e05...e399d2f"] = found
        assert commits_between(client(github), url, before, after) == said


def test_removed_commits_are_listed() -> None:
    with serving() as github:
        found = {"ahead_by": 1, "behind_by": 2, "html_url": PAGE}
        github.git.comparisons[REPOSITORY, "80d2e05...e399d2f"] = found
        said = commits_between(client(github), f"https://github.com/{REPOSITORY}", "80d2e05", "e399d2f")
    assert said == f"[1 commit]({PAGE}), without 2 commits of what runs"
