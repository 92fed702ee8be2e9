"""A GitHub with the pull requests of the application's repository that a test needs."""

from collections.abc import Iterator
from contextlib import contextmanager

from delivery.rehearsal.github_stand_in import GitHubStandIn
from tests.delivery.github.github_fixture import HEAD, pull_request
from tests.live.previews.preview_commands import PREVIEWS, REPOSITORY


@contextmanager
def application(**states: str) -> Iterator[GitHubStandIn]:
    """Serve labelled pull requests. states: "open" or "closed", by an underscore and the pull request's number."""
    rows = [
        pull_request(
            int(number.removeprefix("_")),
            state=state,
            merged_at=None,
            labels=[{"name": PREVIEWS.label}],
            base={"sha": "0" * 40, "ref": "main", "repo": {"full_name": REPOSITORY}},
            head={"sha": HEAD, "ref": "topic", "repo": {"full_name": REPOSITORY}},
        )
        for number, state in states.items()
    ]
    standin = GitHubStandIn(repository=REPOSITORY, token="made-up", pull_requests=rows)
    with standin.serve():
        yield standin
