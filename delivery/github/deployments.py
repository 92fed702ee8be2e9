"""GitHub's deployments: what was deployed where, and how it went, kept beside the code.

Source: https://docs.github.com/en/rest/deployments (version 2022-11-28).
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal
from urllib.parse import urlencode

from delivery.github.client import GitHub, read
from delivery.github.objects import GitHubObject, User

# What GitHub keeps of a status's description.
LONGEST_DESCRIPTION = 140


class Deployment(GitHubObject):
    """A deployment. task: tells kinds of deployments apart. payload: what its maker has put into it.

    creator: None where the account is gone.
    """

    id: int
    sha: str
    task: str
    environment: str
    created_at: datetime
    creator: User | None
    payload: object = None


class DeploymentStatus(GitHubObject):
    """How a deployment went at a time. log_url: where to read more, empty where nobody has said it."""

    id: int
    state: str
    created_at: datetime
    creator: User | None
    description: str | None = None
    log_url: str | None = None


def deployments(github: GitHub, environment: str, *, task: str, commit: str | None = None) -> list[Deployment]:
    """The deployments of an environment with this task, the newest first. commit: only those of it.

    Raises GitHubError.
    """
    query = urlencode({"environment": environment, "task": task, **({"sha": commit} if commit else {})})
    rows = read(list[Deployment], github.pages(f"/deployments?{query}"))
    return sorted(rows, key=lambda row: (row.created_at, row.id), reverse=True)


def create_deployment(
    github: GitHub,
    *,
    commit: str,
    environment: str,
    task: str,
    payload: Mapping[str, object],
    description: str,
    is_production: bool,
    is_transient: bool = False,
) -> Deployment:
    """Create a deployment of a commit that is deployed already: nothing is merged, no check is waited for.

    is_transient: the environment ceases to exist some day. Raises GitHubError.
    """
    fields = {
        "ref": commit,
        "task": task,
        "environment": environment,
        "payload": payload,
        "description": description[:LONGEST_DESCRIPTION],
        "auto_merge": False,
        "required_contexts": [],
        "production_environment": is_production,
        "transient_environment": is_transient,
    }
    return read(Deployment, github.send("POST", "/deployments", fields))


def statuses(github: GitHub, deployment: Deployment) -> list[DeploymentStatus]:
    """The statuses of a deployment, the oldest first. Raises GitHubError."""
    rows = read(list[DeploymentStatus], github.pages(f"/deployments/{deployment.id}/statuses"))
    return sorted(rows, key=lambda row: (row.created_at, row.id))


def add_status(
    github: GitHub,
    deployment: Deployment,
    *,
    state: Literal["in_progress", "success", "failure", "inactive"],
    description: str,
    log_url: str,
    environment_url: str,
    ends_others: bool = False,
) -> None:
    """Say how a deployment went. log_url: where to read more. environment_url: where it runs.

    ends_others: a success makes the environment's deployments before it inactive; not where a workflow's job has a
    deployment of its own in this environment, which is the active one. Raises GitHubError.
    """
    fields = {
        "state": state,
        "description": description[:LONGEST_DESCRIPTION],
        "log_url": log_url,
        "environment_url": environment_url,
        "auto_inactive": ends_others,
    }
    github.send("POST", f"/deployments/{deployment.id}/statuses", fields)
