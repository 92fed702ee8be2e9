"""Keeps one workflow comment on an issue or pull request up to date."""

from collections.abc import Callable

from delivery.github.client import GitHub
from delivery.github.objects import Comment


def _is_of_a_workflow(comment: Comment) -> bool:
    return comment.user is not None and comment.user.is_workflow


def own_comments(
    github: GitHub,
    number: int,
    is_it: Callable[[str], bool],
    *,
    is_own: Callable[[Comment], bool] = _is_of_a_workflow,
) -> list[Comment]:
    """Our own comments whose text matches, the oldest first.

    is_own: whether a comment is ours; use ``GitHub.is_own`` if the token is not a workflow's own. Raises GitHubError.
    """
    return [comment for comment in github.comments(number) if is_it(comment.body or "") and is_own(comment)]


def put_comment(
    github: GitHub,
    number: int,
    body: str,
    is_it: Callable[[str], bool],
    *,
    is_own: Callable[[Comment], bool] = _is_of_a_workflow,
) -> None:
    """Update our comment or create it; deletes duplicates, if there are several. Raises GitHubError."""
    former = own_comments(github, number, is_it, is_own=is_own)
    if former:
        github.update_comment(former[0], body)
    else:
        github.create_comment(number, body)
    for duplicate in former[1:]:
        github.delete_comment(duplicate)
