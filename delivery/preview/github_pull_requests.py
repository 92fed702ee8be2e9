"""The application's pull requests, read from GitHub's API; every unclear answer is a value."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from delivery.github.client import GitHub, GitHubError
from delivery.github.objects import PullRequest, Review
from delivery.preview.pull_requests import Open, Over, Refused, Unclear
from environments.schema.previews import Previews

# A review in one of these states replaces its author's earlier verdict; a comment does not.
_VERDICTS = ("APPROVED", "CHANGES_REQUESTED", "DISMISSED")


@dataclass(frozen=True, kw_only=True)
class GitHubPullRequests:
    """Implements ``PullRequests`` with GitHub's API. github: for the previews' repository."""

    github: GitHub
    previews: Previews

    @classmethod
    def of(cls, previews: Previews, variables: Mapping[str, str] = os.environ) -> "GitHubPullRequests":
        """Ask as GITHUB_TOKEN or GH_TOKEN. Raises GitHubError if neither is set."""
        repository = previews.repository
        return cls(github=GitHub.of(repository, variables).elsewhere(repository), previews=previews)

    def state(self, repository: str, number: int) -> Open | Over | Unclear:
        """Whether a pull request still wants its preview.

        Over only if GitHub's complete answer about exactly this pull request says so. A 404 is Unclear: GitHub also
        returns it to a token that may not read.
        """
        match self._read(repository, number):
            case Unclear() as unclear:
                return unclear
            case PullRequest(state="closed", merged_at=merged_at):
                return Over(reason="it was merged" if merged_at else "it was closed")
            case row if not self._is_labelled(row):
                return Over(reason=f"it no longer has the label {self.previews.label!r}")
        return Open()

    def labelled(self, repository: str) -> tuple[int, ...] | Unclear:
        """The numbers of all open pull requests with the label, sorted."""
        if repository != self.previews.repository:
            return Unclear(reason=self._stranger(repository))
        try:
            return tuple(self.github.labelled_pull_requests(self.previews.label))
        except GitHubError as error:
            return Unclear(reason=str(error))

    def refusal(self, repository: str, number: int, commit: str) -> Refused | Unclear | None:
        """Why a pull request may not claim a slot with this head commit; None if it may.

        A fork needs an approval of exactly this commit by someone with write permission to the repository. The
        permission is requested: ``author_association`` of a review hides private members from a token outside the
        organisation.
        """
        if repository != self.previews.repository:
            return Refused(reason=self._stranger(repository))
        row = self._read(repository, number)
        if isinstance(row, Unclear):
            return row
        if reason := self._unfit(row, commit):
            return Refused(reason=reason)
        if row.head.repo and _is(row.head.repo.full_name, repository):
            return None
        return self._unapproved(row)

    def _unfit(self, row: PullRequest, commit: str) -> str | None:
        if row.state == "closed":
            return "it is closed; allowed: an open pull request"
        if not self._is_labelled(row):
            return f"it has no label {self.previews.label!r}; allowed: one that has it"
        if row.head.sha != commit:
            return (
                f"its head is {row.head.sha}, but the images are from {commit}; allowed: images of the head, which the "
                "newer push's build sends"
            )
        return None

    def _unapproved(self, row: PullRequest) -> Refused | Unclear | None:
        repository, head = self.previews.repository, row.head
        try:
            # GitHub does not let authors approve their own pull requests.
            approvers = _approvers(self.github.reviews(row.number), head.sha)
            if any(self.github.permission(login).may_write for login in approvers):
                return None
        except GitHubError as error:
            return Unclear(reason=str(error))
        fork = head.repo.full_name if head.repo else "a deleted repository"
        return Refused(
            reason=f"it comes from {fork}, and nobody who may write to {repository} has approved {head.sha}; allowed: "
            "a commit that such a person's review approves"
        )

    def _read(self, repository: str, number: int) -> PullRequest | Unclear:
        if repository != self.previews.repository:
            return Unclear(reason=self._stranger(repository))
        try:
            row = self.github.pull_request(number)
        except GitHubError as error:
            return Unclear(reason=str(error))
        found = row.base.repo.full_name if row.base.repo else "nobody"
        # GitHub redirects the address of a renamed repository to its new one.
        if row.number != number or not _is(found, repository):
            return Unclear(reason=f"GitHub was asked for {repository}#{number} and answers with {found}#{row.number}")
        return row

    def _is_labelled(self, row: PullRequest) -> bool:
        return any(_is(label.name, self.previews.label) for label in row.labels)

    def _stranger(self, repository: str) -> str:
        return f"{repository} is not the repository of the previews; allowed: {self.previews.repository}"


def _approvers(reviews: Iterable[Review], commit: str) -> list[str]:
    """The people whose latest verdict approves this commit."""
    last = {row.user.login: row for row in reviews if row.user and row.user.is_person and row.state in _VERDICTS}
    return [login for login, row in last.items() if row.is_approval and row.commit_id == commit]


def _is(name: str, wanted: str) -> bool:
    """GitHub ignores the case of repository and label names."""
    return name.casefold() == wanted.casefold()
