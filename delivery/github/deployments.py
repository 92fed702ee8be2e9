"""GitHub's deployments: a record, next to the code, of what was deployed where and with which result.

Source: https://docs.github.com/en/rest/deployments (version 2022-11-28).
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal
from urllib.parse import urlencode

from delivery.github.client import GitHub, read
from delivery.github.objects import GitHubObject, User

# GitHub's limit for a status's description.
LONGEST_DESCRIPTION = 140


class Deployment(GitHubObject):
    """A deployment. task: distinguishes kinds of deployments. payload: its creator's data.

    creator: None if the account no longer exists.
    """

    id: int
    sha: str
    task: str
    environment: str
    created_at: datetime
    creator: User | None
    payload: object = None


class DeploymentStatus(GitHubObject):
    """A deployment's status at one time. log_url: the details page, empty if not set."""

    id: int
    state: str
    created_at: datetime
    creator: User | None
    description: str | None = None
    log_url: str | None = None


def deployments(github: GitHub, environment: str, *, task: str, commit: str | None = None) -> list[Deployment]:
    """The deployments of an environment with this task, the newest first. commit: only those of this commit.

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
    """Create a deployment of a commit that is already deployed: GitHub merges nothing and waits for no check.

    is_transient: the environment is temporary. Raises GitHubError.
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
    """Add a deployment's status. log_url: the details page. environment_url: where the environment runs.

    ends_others: a success makes the environment's earlier deployments inactive. Don't use it where a workflow's job has
    its own deployment in this environment, because that one is active. Raises GitHubError.
    """
    fields = {
        "state": state,
        "description": description[:LONGEST_DESCRIPTION],
        "log_url": log_url,
        "environment_url": environment_url,
        "auto_inactive": ends_others,
    }
    github.send("POST", f"/deployments/{deployment.id}/statuses", fields)
