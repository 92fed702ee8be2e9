"""Objects of GitHub's API, with the fields that the workflows need.

Source: https://docs.github.com/en/rest (version 2022-11-28).
"""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict


class GitHubObject(BaseModel):
    """An object in GitHub's API."""

    # GitHub may add fields at any time.
    model_config = ConfigDict(frozen=True, extra="ignore")


class User(GitHubObject):
    """The author of something."""

    login: str
    type: str

    @property
    def is_workflow(self) -> bool:
        """Whether the author used a workflow's own token, which only workflows have."""
        return (self.login, self.type) == ("github-actions[bot]", "Bot")

    @property
    def is_person(self) -> bool:
        """Whether the author is a person, or a program with a person's account."""
        return self.type == "User"


class Comment(GitHubObject):
    """A comment on a pull request or an issue. node_id: its id in the GraphQL API."""

    id: int
    node_id: str
    user: User | None
    body: str | None = None


class Issue(GitHubObject):
    """An issue; user is None if the account no longer exists."""

    number: int
    state: Literal["open", "closed"]
    title: str
    body: str | None = None
    user: User | None

    pull_request: object = None

    @property
    def is_one(self) -> bool:
        """False for a pull request; GitHub lists those among the issues."""
        return self.pull_request is None


class RepositoryName(GitHubObject):
    """A repository's name, OWNER/NAME."""

    full_name: str


class _Commit(GitHubObject):
    sha: str
    ref: str
    repo: RepositoryName | None = None


class Label(GitHubObject):
    """A label of an issue or a pull request."""

    name: str


class PullRequest(GitHubObject):
    """A pull request. merge_commit_sha: the commit on the base branch that merged it, once merged_at is set.

    head.repo: its source; another repository for a fork, None if that was deleted. user: None if the account no longer
    exists.
    """

    number: int
    state: Literal["open", "closed"]
    user: User | None
    body: str | None = None
    head: _Commit
    base: _Commit
    labels: tuple[Label, ...]
    merged_at: str | None = None
    merge_commit_sha: str | None = None


class Permission(GitHubObject):
    """A user's permission in a repository: "maintain" counts as write, "triage" as read."""

    permission: Literal["admin", "write", "read", "none"]

    @property
    def may_write(self) -> bool:
        """Whether the user may push, and their approval counts."""
        return self.permission in ("admin", "write")


class Review(GitHubObject):
    """A review of a pull request's commit. submitted_at: None if not submitted yet."""

    user: User | None
    state: str
    commit_id: str | None = None
    submitted_at: datetime | None = None

    @property
    def is_approval(self) -> bool:
        """Whether it approves and has not been dismissed."""
        return self.state == "APPROVED"


class Run(GitHubObject):
    """A run of a workflow. path: the workflow's file. head_repository: None if it was deleted."""

    id: int
    path: str
    event: str
    head_branch: str | None
    head_sha: str
    head_repository: RepositoryName | None


class _Tip(GitHubObject):
    sha: str


class Branch(GitHubObject):
    """A branch; commit: its tip."""

    name: str
    commit: _Tip


class Artifact(GitHubObject):
    """An artifact of a workflow run. expired: GitHub has deleted it. size_in_bytes: of the archive."""

    id: int
    name: str
    size_in_bytes: int
    expired: bool


class Owner(GitHubObject):
    """The owner of a repository."""

    id: int


class Repository(GitHubObject):
    """A repository, with ids that stay the same when its names change."""

    id: int
    owner: Owner
    created_at: datetime


class SubjectTemplate(GitHubObject):
    """The template for the subject of a workflow's token; GitHub's default form if it names no claims."""

    use_default: bool
    include_claim_keys: tuple[str, ...] = ()
