"""Counts the application's commits between two images."""

import re

from delivery.github.client import GitHub, GitHubError
from delivery.github.comparison import compare
from delivery.report.markdown import counted

_COMMIT = re.compile(r"(?:[a-z]+-)?([0-9a-f]{7,40})")
_REPOSITORY = re.compile(r"https://github\.com/([^/]+/[^/]+?)(?:\.git)?")


def commits_between(github: GitHub, repository_url: str, before: str | None, after: str | None) -> str:
    """Say in Markdown which commits of the application an image adds.

    repository_url: the application's. before, after: the tags of the running and of the new image. If the answer is
    unknown, the text says why: a workflow's token reads only its own repository and public ones.
    """
    repository = _REPOSITORY.fullmatch(repository_url)
    commits = [_COMMIT.fullmatch(tag or "") for tag in (before, after)]
    if repository is None:
        return "unknown: the application is not on GitHub"
    old, new = (match[1] if match else None for match in commits)
    if old is None or new is None:
        return "unknown: a tag names no commit"
    if old == new:
        return "none"
    try:
        found = compare(github.elsewhere(repository[1]), old, new)
    except GitHubError:
        return f"unknown: {repository[1]} cannot be read or lacks one of them"
    gone = f", without {counted(found.behind_by, 'commit')} of what runs" if found.behind_by else ""
    return f"[{counted(found.ahead_by, 'commit')}]({found.html_url}){gone}"
