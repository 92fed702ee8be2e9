"""One file on a branch that a workflow maintains: a single commit on top of another branch, without a checkout.

Source: https://docs.github.com/en/rest/git (version 2022-11-28).
"""

import base64
import binascii
from urllib.parse import quote

from delivery.github.client import GitHub, GitHubError, read
from delivery.github.objects import GitHubObject


class _Object(GitHubObject):
    sha: str


class _Commit(GitHubObject):
    sha: str
    tree: _Object
    parents: tuple[_Object, ...]


class _Reference(GitHubObject):
    ref: str
    object: _Object


class _Content(GitHubObject):
    content: str


def file_text(github: GitHub, path: str, commit: str) -> str:
    """The text of a file in a commit. Raises GitHubError, also for a file that is not text."""
    found = read(_Content, github.send("GET", f"/contents/{quote(path)}?ref={commit}"))
    try:
        return base64.b64decode(found.content).decode()
    except (binascii.Error, UnicodeDecodeError) as error:
        raise GitHubError(f"{path} in {commit} is not text: {error}") from None


def put_file(github: GitHub, *, branch: str, base: str, path: str, text: str, message: str) -> str:
    """Make a branch consist of one commit on top of another that changes only this file; return that commit.

    Replaces everything else on the branch. A branch that already matches stays, together with the reviews and checks of
    its commit. base: the parent commit. Raises GitHubError.
    """
    below = _commit(github, base)
    entry = {"path": path, "mode": "100644", "type": "blob", "content": text}
    tree = read(_Object, github.send("POST", "/git/trees", {"base_tree": below.tree.sha, "tree": [entry]}))
    tip = _tip(github, branch)
    if tip and (tip.tree, tip.parents) == (tree, (_Object(sha=base),)):
        return tip.sha
    fields = {"message": message, "tree": tree.sha, "parents": [base]}
    commit = read(_Object, github.send("POST", "/git/commits", fields))
    if tip:
        github.send("PATCH", f"/git/refs/heads/{quote(branch)}", {"sha": commit.sha, "force": True})
    else:
        github.send("POST", "/git/refs", {"ref": f"refs/heads/{branch}", "sha": commit.sha})
    return commit.sha


def _commit(github: GitHub, sha: str) -> _Commit:
    return read(_Commit, github.send("GET", f"/git/commits/{sha}"))


def _tip(github: GitHub, branch: str) -> _Commit | None:
    """The last commit of a branch; None if the branch does not exist."""
    # Lists every branch with this prefix, because asking for a single missing branch is an error like any other.
    rows = read(list[_Reference], github.pages(f"/git/matching-refs/heads/{quote(branch)}"))
    found = [row.object.sha for row in rows if row.ref == f"refs/heads/{branch}"]
    return _commit(github, found[0]) if found else None
