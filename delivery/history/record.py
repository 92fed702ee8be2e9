"""A deploy's record: a GitHub deployment. Its payload says what has run since, its statuses the results of verify."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from delivery.github.client import GitHub
from delivery.github.deployments import (
    Deployment,
    DeploymentStatus,
    add_status,
    create_deployment,
    deployments,
    statuses,
)
from delivery.verification.verify_run import VerifyRun
from environments.schema.settings import Environment

# Each job with a GitHub environment creates a deployment of its own; the task distinguishes ours.
TASK = "mosaic"
# Limit per environment for callers that would otherwise read every record: each one costs a request.
NEWEST = 30


class RecordError(Exception):
    """A record cannot be read by this checkout; the message says which, and why."""


class RecordedImage(BaseModel):
    """An image that ran. tag: from the settings. migration: the newest one in it; None if unknown."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    tag: str | None = None
    digest: str
    migration: str | None = None


class Deployed(BaseModel):
    """A record's content: the hash of the applied plan, and the images that ran then, by their fields.

    Omits an application that had no ready pod or ran several images. plan: None if unknown.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    version: Literal[1] = 1
    plan: str | None = None
    images: Mapping[str, RecordedImage] = {}


class State(StrEnum):
    """The result of a recorded deploy, including later checks."""

    UNKNOWN = "not verified"
    VERIFIED = "verified"
    FAILED = "failed"
    FAILED_SINCE = "failed since"


@dataclass(frozen=True, kw_only=True)
class Record:
    """A recorded deploy. commit: the deployed one. verified_at, failed: when verify first passed and first failed."""

    id: int
    commit: str
    created_at: datetime
    deployed: Deployed
    verified_at: datetime | None = None
    failed: DeploymentStatus | None = None

    @property
    def digests(self) -> dict[str, str]:
        """The digests that ran, by the applications' fields."""
        return {field: image.digest for field, image in self.deployed.images.items()}

    @property
    def state(self) -> State:
        """The result, including later checks."""
        if self.failed:
            return State.FAILED_SINCE if self.verified_at else State.FAILED
        return State.VERIFIED if self.verified_at else State.UNKNOWN


def records(github: GitHub, environment: str) -> Iterator[Record]:
    """The recorded deploys of an environment, the newest first; each is read only when needed.

    Only records written by a workflow count, because anyone with write access to the repository can create deployments.
    Raises GitHubError, RecordError.
    """
    for deployment in deployments(github, environment, task=TASK):
        if deployment.creator is not None and deployment.creator.is_workflow:
            yield _record(github, deployment)


def create_record(
    github: GitHub, environment: Environment, deployed: Deployed, run: VerifyRun, *, commit: str, log_url: str
) -> None:
    """Record a verified deploy. log_url: the workflow run's. Raises GitHubError."""
    names = ", ".join(f"{field} {image.tag or image.digest}" for field, image in deployed.images.items())
    deployment = create_deployment(
        github,
        commit=commit,
        environment=environment.name,
        task=TASK,
        payload=deployed.model_dump(),
        description=names or "no image runs",
        is_production=environment.protected,
    )
    _add(github, environment, deployment, run, log_url)


def add_failure(github: GitHub, environment: Environment, run: VerifyRun, *, log_url: str) -> bool:
    """Record in the newest record that a check has failed since; return whether there is one. Raises GitHubError."""
    rows = deployments(github, environment.name, task=TASK)
    newest = next((row for row in rows if row.creator is not None and row.creator.is_workflow), None)
    if newest is not None:
        _add(github, environment, newest, run, log_url)
    return newest is not None


def _add(github: GitHub, environment: Environment, deployment: Deployment, run: VerifyRun, log_url: str) -> None:
    add_status(
        github,
        deployment,
        state="success" if run.passed else "failure",
        description=run.summary,
        log_url=log_url,
        environment_url=f"https://{environment.web.hosts[0]}",
    )


def _record(github: GitHub, deployment: Deployment) -> Record:
    try:
        deployed = Deployed.model_validate(deployment.payload)
    except ValidationError as error:
        problem = error.errors()[0]
        place = ".".join(map(str, problem["loc"]))
        raise RecordError(
            f"deployment {deployment.id} of {deployment.environment}: payload {place}: {problem['msg']}; allowed: what "
            "this checkout's python -m delivery record-deployment writes"
        ) from None
    written = [row for row in statuses(github, deployment) if row.creator is not None and row.creator.is_workflow]
    return Record(
        id=deployment.id,
        commit=deployment.sha,
        created_at=deployment.created_at,
        deployed=deployed,
        verified_at=next((row.created_at for row in written if row.state == "success"), None),
        # GitHub itself adds other states, such as inactive.
        failed=next((row for row in written if row.state == "failure"), None),
    )
