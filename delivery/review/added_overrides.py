"""Shows every override before it counts: one added after an approval gets a comment of its own."""

import re
from collections.abc import Sequence

from delivery.github.client import GitHub
from delivery.github.sticky_comment import own_comments
from delivery.policy.overrides import Override, Overrides
from delivery.report.markdown import block, counted, printable
from delivery.review.header import CommentHeader, is_plan_comment

_HEADER = re.compile(r"<!-- mosaic-overrides ([0-9a-f]{32}(?: [0-9a-f]{32})*) -->")
# This many lines of this length fit into one comment.
_LINES, _LONGEST_LINE = 50, 1000


def is_announcement(text: str) -> bool:
    """Whether the text is a comment about added lines."""
    return _HEADER.match(text) is not None


def shown_overrides(github: GitHub, number: int) -> frozenset[str]:
    """The digests of the lines that the workflows' comments have shown on this pull request.

    A comment that a person edited does not count. Raises GitHubError.
    """
    comments = own_comments(github, number, lambda text: is_plan_comment(text) or is_announcement(text))
    texts = [comment.body or "" for comment in comments if not github.is_edited_by_people(comment)]
    return frozenset(digest for text in texts for digest in _digests(text))


def announce(github: GitHub, number: int, overrides: Overrides) -> None:
    """Comment on lines that no comment has shown yet, if the pull request has an approval or is merged.

    Call it before writing the plan comment, whose header lists all of them. Raises GitHubError.
    """
    if not overrides.allowed:
        return
    shown = shown_overrides(github, number)
    added = [row for row in overrides.allowed if row.digest not in shown]
    if not added:
        return
    approvers = list(
        dict.fromkeys(row.user.login for row in github.reviews(number) if row.is_approval and row.user is not None)
    )
    is_merged = github.pull_request(number).merged_at is not None
    if approvers or is_merged:
        for index in range(0, len(added), _LINES):
            github.create_comment(number, _announcement(added[index : index + _LINES], approvers))


def _announcement(added: Sequence[Override], approvers: Sequence[str]) -> str:
    digests = " ".join(row.digest for row in added)
    when = (
        f"After {' and '.join(f'@{login}' for login in approvers)} approved"
        if approvers
        else "After this pull request was merged"
    )
    lines = [_line(row) for row in added]
    return "\n\n".join(
        [
            f"<!-- mosaic-overrides {digests} -->",
            f"## ⚠️ The guard allows more: {counted(len(added), 'line')} added",
            f"{when}, these lines were added to the pull request's description. The next deploy run accepts them. "
            "If you disagree, remove them from the description.",
            block("\n".join(lines)),
        ]
    )


def _line(override: Override) -> str:
    text = printable(override.line)
    return text if len(text) <= _LONGEST_LINE else f"{text[:_LONGEST_LINE]}… ({len(text)} characters)"


def _digests(text: str) -> tuple[str, ...]:
    if match := _HEADER.match(text):
        return tuple(match[1].split(" "))
    header = CommentHeader.of(text)
    return header.overrides if header else ()
