"""Objects of GitHub's API, with the fields that the workflows need.

Source: https://docs.github.com/en/rest (version 2022-11-28).
"""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict


class GitHubObject(BaseModel):
    """What GitHub answers."""

    # GitHub adds fields at any time.
    model_config = ConfigDict(frozen=True, extra="ignore")


class User(GitHubObject):
    """Who wrote something."""

    login: str
    type: str

    @property
    def is_workflow(self) -> bool:
        """It was written with a workflow's own token, which nobody else has."""
        return (self.login, self.type) == ("github-actions[bot]", "Bot")

    @property
    def is_person(self) -> bool:
        """It was written by a person, or by a program as one."""
        return self.type == "User"


class Comment(GitHubObject):
    """A comment on a pull request or an issue. node_id: its id in the GraphQL API."""

    id: int
    node_id: str
    user: User | None
    body: str | None = None


class Issue(GitHubObject):
    """An issue; user is None where the account is gone."""

    number: int
    state: Literal["open", "closed"]
    title: str
    body: str | None = None
    user: User | None

    pull_request: object = None

    @property
    def is_one(self) -> bool:
        """GitHub lists pull requests among the issues."""
        return self.pull_request is None


class RepositoryName(GitHubObject):
    """A repository by its name, OWNER/NAME."""

    full_name: str


class _Commit(GitHubObject):
    sha: str
    ref: str
    repo: RepositoryName | None = None


class Label(GitHubObject):
    """A label of an issue or a pull request."""

    name: str


class PullRequest(GitHubObject):
    """A pull request. merge_commit_sha: what its merge made of the base branch, once merged_at is set.

    head.repo: where it comes from, another repository for a fork, None where that is gone. user: None where the account
    is gone.
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
    """What a user may do in a repository: "maintain" counts as write, "triage" as read."""

    permission: Literal["admin", "write", "read", "none"]

    @property
    def may_write(self) -> bool:
        """Whether the user may push, and an approval of theirs counts."""
        return self.permission in ("admin", "write")


class Review(GitHubObject):
    """What somebody said about a pull request's commit. submitted_at: None where it is not sent yet."""

    user: User | None
    state: str
    commit_id: str | None = None
    submitted_at: datetime | None = None

    @property
    def is_approval(self) -> bool:
        """It approves, and nobody has dismissed it."""
        return self.state == "APPROVED"


class Run(GitHubObject):
    """A run of a workflow. path: of the workflow's file. head_repository: None where it is gone."""

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
    """What a workflow run keeps; expired: GitHub has deleted it. size_in_bytes: of the archive."""

    id: int
    name: str
    size_in_bytes: int
    expired: bool


class Owner(GitHubObject):
    """Who a repository belongs to."""

    id: int


class Repository(GitHubObject):
    """A repository, by the numbers that stay when its names change."""

    id: int
    owner: Owner
    created_at: datetime


class SubjectTemplate(GitHubObject):
    """What the subject of a workflow's token is made of; GitHub's own form where no claims are named."""

    use_default: bool
    include_claim_keys: tuple[str, ...] = ()
