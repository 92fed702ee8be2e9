"""What previews need to know about the application's pull requests. github_pull_requests.py implements it."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, kw_only=True)
class Open:
    """The pull request is open and has the label: its preview stays."""


@dataclass(frozen=True, kw_only=True)
class Over:
    """The pull request no longer needs a preview. reason: such as "it was closed", to follow its number in a line."""

    reason: str


@dataclass(frozen=True, kw_only=True)
class Refused:
    """The pull request may not claim a slot. reason: why, with what is allowed."""

    reason: str


@dataclass(frozen=True, kw_only=True)
class Unclear:
    """Unknown: no answer, an error (also a 404), an incomplete page. reason: what came instead of an answer."""

    reason: str


class PullRequests(Protocol):
    """The pull requests of the application's repository. Nothing raises: every failure is Unclear."""

    def state(self, repository: str, number: int) -> Open | Over | Unclear:
        """Whether a pull request still wants its preview. Over only if GitHub says so in a complete answer."""
        ...

    def labelled(self, repository: str) -> tuple[int, ...] | Unclear:
        """The numbers of all open pull requests with the label, sorted."""
        ...

    def refusal(self, repository: str, number: int, commit: str) -> Refused | Unclear | None:
        """Why a pull request may not claim a slot with this head commit; None if it may."""
        ...
