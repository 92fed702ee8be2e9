"""A pull request whose preview comment needs an update."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Note:
    """notice: lines for its readers, of any origin. underway: a later job is about to deploy its slot."""

    pull_request: int
    notice: str | None = None
    underway: bool = False
