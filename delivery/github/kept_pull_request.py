"""The one pull request that a workflow maintains for a branch: open, update, close.

GitHub starts no workflows for actions with a workflow's own token, to prevent loops; starting one by name is the
exception: https://docs.github.com/en/actions/concepts/security/github_token
"""

from collections.abc import Sequence

from delivery.github.client import GitHub, read
from delivery.github.objects import GitHubObject, PullRequest


class _Runs(GitHubObject):
    total_count: int


def find_pull_request(github: GitHub, *, branch: str, base: str) -> PullRequest | None:
    """The open pull request from this repository's branch into another; None without one. Raises GitHubError."""
    rows = [row for row in github.open_pull_requests(f"{github.owner}:{branch}") if row.base.ref == base]
    return next(iter(rows), None)


def keep_pull_request(github: GitHub, *, branch: str, base: str, title: str, body: str) -> PullRequest:
    """Open the branch's pull request, or set the title and text of the open one. Raises GitHubError."""
    fields = {"title": title, "body": body}
    found = find_pull_request(github, branch=branch, base=base)
    if found:
        return read(PullRequest, github.send("PATCH", f"/pulls/{found.number}", fields))
    return read(PullRequest, github.send("POST", "/pulls", {**fields, "head": branch, "base": base}))


def close_pull_request(github: GitHub, pull_request: PullRequest, why: str) -> None:
    """Close a pull request with a comment. Raises GitHubError."""
    github.create_comment(pull_request.number, why)
    github.send("PATCH", f"/pulls/{pull_request.number}", {"state": "closed"})


def start_workflows(github: GitHub, files: Sequence[str], *, branch: str, commit: str) -> None:
    """Start workflows on a branch, by file name, except those that already ran on its last commit.

    Raises GitHubError.
    """
    for file in files:
        path = f"/actions/workflows/{file}"
        if not read(_Runs, github.send("GET", f"{path}/runs?head_sha={commit}")).total_count:
            github.send("POST", f"{path}/dispatches", {"ref": branch})
