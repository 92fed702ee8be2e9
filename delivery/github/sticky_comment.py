"""Keeps one comment of the workflows' bot on an issue or pull request up to date."""

from collections.abc import Callable

from delivery.github.client import GitHub
from delivery.github.objects import Comment


def own_comments(github: GitHub, number: int, is_it: Callable[[str], bool]) -> list[Comment]:
    """The bot's comments whose text is the one that is looked for, the oldest first. Raises GitHubError."""
    return [
        comment
        for comment in github.comments(number)
        if comment.user is not None and comment.user.is_workflow and is_it(comment.body or "")
    ]


def put_comment(github: GitHub, number: int, body: str, is_it: Callable[[str], bool]) -> None:
    """Write the comment over the former one, or anew. Of several former ones one is left. Raises GitHubError."""
    former = own_comments(github, number, is_it)
    if former:
        github.update_comment(former[0], body)
    else:
        github.create_comment(number, body)
    for duplicate in former[1:]:
        github.delete_comment(duplicate)
