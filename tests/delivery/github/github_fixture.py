"""GitHub's stand-in with a pull request, and our client for it."""

from collections.abc import Iterator
from contextlib import contextmanager

from delivery.github.client import GitHub
from delivery.rehearsal.github_stand_in import GitHubStandIn, Row, person

REPOSITORY = "mosaic-stories/platform"
HEAD = "4f9d2c1b0e8a7d6c5b4a39281706f5e4d3c2b1a0"
MERGE = "9a8b7c6d5e4f30211203f4e5d6c7b8a90f1e2d3c"


def pull_request(number: int = 7, **fields: object) -> Row:
    return {
        "number": number,
        "state": "closed",
        "user": person("alice"),
        "title": "What it does",
        "body": "What it is for.",
        "head": {"sha": HEAD, "ref": "topic", "repo": {"full_name": REPOSITORY}},
        "base": {"sha": "0" * 40, "ref": "develop", "repo": {"full_name": REPOSITORY}},
        "labels": [],
        "merged_at": "2026-11-24T12:00:00Z",
        "merge_commit_sha": MERGE,
        **fields,
    }


def finished_run(repository: str = REPOSITORY) -> Row:
    """The finished run in the event of a ``workflow_run`` workflow."""
    return {
        "id": 4,
        "head_sha": HEAD,
        "head_branch": "topic",
        "head_repository": {"full_name": repository, "owner": {"login": repository.partition("/")[0]}},
    }


@contextmanager
def serving(*pull_requests: Row) -> Iterator[GitHubStandIn]:
    standin = GitHubStandIn(repository=REPOSITORY, token="made-up", pull_requests=list(pull_requests))
    with standin.serve():
        yield standin


def client(standin: GitHubStandIn) -> GitHub:
    return GitHub.from_variables(standin.variables())
