"""How far apart two commits of a repository are.

Source: https://docs.github.com/en/rest/commits/commits#compare-two-commits (version 2022-11-28).
"""

from urllib.parse import quote

from delivery.github.client import GitHub, read
from delivery.github.objects import GitHubObject


class Comparison(GitHubObject):
    """How many commits only the second one has (ahead_by), and only the first one (behind_by). html_url: its page."""

    ahead_by: int
    behind_by: int
    html_url: str


def compare(github: GitHub, before: str, after: str) -> Comparison:
    """Compare two commits of the client's repository. Raises GitHubError, also if one cannot be read."""
    return read(Comparison, github.send("GET", f"/compare/{quote(before)}...{quote(after)}"))
