"""The application's repository in a rehearsal: one pull request, and the events that its workflow sends."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Self

from delivery.rehearsal.github_stand_in import GitHubStandIn, Row, person
from delivery.rehearsal.repository import Repository
from environments.applications import APPLICATIONS
from environments.schema.previews import Previews


@dataclass(frozen=True, kw_only=True)
class Application:
    """platform: receives the events. pull_request: the only one, with the previews' label."""

    github: GitHubStandIn
    platform: Repository
    pull_request: Row

    @classmethod
    @contextmanager
    def serve(cls, platform: Repository, previews: Previews) -> Iterator[Self]:
        """Serve the application's repository, with a person's labelled pull request, while the context lasts."""
        # Both stand-ins accept the same workflow token.
        github = GitHubStandIn(repository=previews.repository, token=platform.github.token)
        github.branches |= {"main": secrets.token_hex(20), "topic": secrets.token_hex(20)}
        row = github.open_pull_request("topic", "main", title="A topic", body="")
        row |= {"user": person("rehearsal"), "labels": [{"name": previews.label}]}
        with github.serve():
            yield cls(github=github, platform=platform, pull_request=row)

    def push(self, tag: str) -> bool:
        """Push a commit with images of this tag; return whether every step of preview.yml succeeded."""
        commit = self.github.branches["topic"] = secrets.token_hex(20)
        images = {application.name: tag for application in APPLICATIONS}
        return self._send("preview", commit=commit, images=images)

    def close(self) -> bool:
        """Close the pull request; return whether every step of preview.yml succeeded."""
        self.pull_request["state"] = "closed"
        return self._send("preview-end")

    @property
    def comment(self) -> str:
        """The comment on the pull request; empty if there is none."""
        comments = self.github.comments.get(self.pull_request["number"], [])
        return str(comments[-1]["body"]) if comments else ""

    def _send(self, kind: str, **payload: object) -> bool:
        event: dict[str, Any] = {
            "action": kind,
            "client_payload": {"pull_request": self.pull_request["number"], **payload},
        }
        platform = self.platform
        variables = {
            **self.github.variables(),
            "GITHUB_REPOSITORY": platform.shared.repository,
            "GITHUB_EVENT_NAME": "repository_dispatch",
        }
        commit = platform.github.branches[platform.shared.default_branch]
        succeeded, _ = platform.run("preview.yml", commit=commit, event=event, variables=variables)
        return succeeded
