"""A pull request that is to be told about its preview."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Note:
    """notice: lines for its people, of any origin. underway: its slot is about to be deployed, by a job to come."""

    pull_request: int
    notice: str | None = None
    underway: bool = False
