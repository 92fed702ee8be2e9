"""STUB: helper C's."""

from delivery.preview.pull_requests import Open, Over, Refused, Unclear
from environments.schema.previews import Previews


class GitHubPullRequests:
    """STUB."""

    @classmethod
    def of(cls, previews: Previews) -> "GitHubPullRequests":
        """STUB."""
        return cls()

    def state(self, repository: str, number: int) -> Open | Over | Unclear:
        """STUB."""
        return Unclear(reason="stub")

    def labelled(self, repository: str) -> tuple[int, ...] | Unclear:
        """STUB."""
        return Unclear(reason="stub")

    def refusal(self, repository: str, number: int, commit: str) -> Refused | Unclear | None:
        """STUB."""
        return Unclear(reason="stub")
