"""A branch maintained by a workflow: one commit on its base that changes one file."""

from collections.abc import Iterator

import pytest

from delivery.github.branch_file import file_text, put_file
from delivery.github.client import GitHubError
from delivery.rehearsal.github_stand_in import GitHubStandIn
from tests.delivery.github.github_fixture import client, serving

FILES = {"environments/prod.py": "old\n", "README.md": "read\n"}


@pytest.fixture
def github() -> Iterator[GitHubStandIn]:
    with serving() as standin:
        standin.git.commit("main", FILES)
        yield standin


def put(github: GitHubStandIn, text: str) -> str:
    return put_file(
        client(github),
        branch="promote/prod",
        base=github.branches["main"],
        path="environments/prod.py",
        text=text,
        message="Promote",
    )


def parents(github: GitHubStandIn) -> list[str]:
    return [row["sha"] for row in github.git.commits[github.branches["promote/prod"]]["parents"]]


def test_a_branch_is_created_with_one_commit_that_changes_one_file(github: GitHubStandIn) -> None:
    assert put(github, "new\n") == github.branches["promote/prod"]
    assert github.git.files("promote/prod") == {**FILES, "environments/prod.py": "new\n"}
    assert parents(github) == [github.branches["main"]]
    assert github.git.files("main") == FILES


def test_the_branchs_content_is_replaced_even_if_its_base_has_moved(github: GitHubStandIn) -> None:
    put(github, "older\n")
    github.git.commit("promote/prod", {"README.md": "by somebody\n"})
    github.git.commit("main", {"LICENSE": "free\n"})
    assert put(github, "new\n") == github.branches["promote/prod"]
    assert github.git.files("promote/prod") == {**FILES, "environments/prod.py": "new\n", "LICENSE": "free\n"}
    assert parents(github) == [github.branches["main"]]


def test_an_up_to_date_branch_is_not_changed(github: GitHubStandIn) -> None:
    put(github, "new\n")
    tip = github.branches["promote/prod"]
    assert put(github, "new\n") == tip
    assert github.branches["promote/prod"] == tip


def test_a_branch_whose_name_has_this_prefix_is_a_different_branch(github: GitHubStandIn) -> None:
    other = github.git.commit("promote/prod-2", {"README.md": "other\n"})
    assert put(github, "new\n") != other
    assert github.branches["promote/prod-2"] == other


def test_a_files_text_is_read_at_a_commit(github: GitHubStandIn) -> None:
    before = github.branches["main"]
    github.git.commit("main", {"README.md": "grün\n"})
    assert file_text(client(github), "README.md", before) == "read\n"
    assert file_text(client(github), "README.md", github.branches["main"]) == "grün\n"


def test_a_missing_file_is_reported(github: GitHubStandIn) -> None:
    with pytest.raises(GitHubError, match=r"contents/environments/test\.py\?ref=.*404"):
        file_text(client(github), "environments/test.py", github.branches["main"])
