"""A deploy as it is recorded: a deployment of GitHub's. Its payload says what runs since, its statuses how well."""

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

# Each job with a GitHub environment makes a deployment of its own: the task tells ours apart.
TASK = "mosaic"
# Of each environment these are looked at where every record would be asked for: GitHub is asked once for each.
NEWEST = 30


class RecordError(Exception):
    """A record cannot be read by this checkout; the message says which, and why."""


class RecordedImage(BaseModel):
    """An image that ran. tag: as the settings had it. migration: the newest one in it; None where it does not say."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    tag: str | None = None
    digest: str
    migration: str | None = None


class Deployed(BaseModel):
    """What a record holds: the hash of the plan that was applied, and the images that ran then, by their fields.

    An application of which no pod was ready, or which ran several images, has none. plan: None where it is unknown.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    version: Literal[1] = 1
    plan: str | None = None
    images: Mapping[str, RecordedImage] = {}


class State(StrEnum):
    """How a recorded deploy went, and has been since."""

    UNKNOWN = "not verified"
    VERIFIED = "verified"
    FAILED = "failed"
    FAILED_SINCE = "failed since"


@dataclass(frozen=True, kw_only=True)
class Record:
    """A recorded deploy. commit: what was deployed. verified_at, failed: when verify first passed, and did not."""

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
        """How it went, and has been since."""
        if self.failed:
            return State.FAILED_SINCE if self.verified_at else State.FAILED
        return State.VERIFIED if self.verified_at else State.UNKNOWN


def records(github: GitHub, environment: str) -> Iterator[Record]:
    """The recorded deploys of an environment, the newest first; each is asked for when it is looked at.

    Only what a workflow has written counts: whoever may write to the repository can create deployments too. Raises
    GitHubError, RecordError.
    """
    for deployment in deployments(github, environment, task=TASK):
        if deployment.creator is not None and deployment.creator.is_workflow:
            yield _record(github, deployment)


def create_record(
    github: GitHub, environment: Environment, deployed: Deployed, run: VerifyRun, *, commit: str, log_url: str
) -> None:
    """Record a deploy that was verified. log_url: of the workflow's run. Raises GitHubError."""
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
    """Add to the newest record that a check has failed since; return whether there is one. Raises GitHubError."""
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
            "python -m delivery record-deployment of this checkout writes"
        ) from None
    written = [row for row in statuses(github, deployment) if row.creator is not None and row.creator.is_workflow]
    return Record(
        id=deployment.id,
        commit=deployment.sha,
        created_at=deployment.created_at,
        deployed=deployed,
        verified_at=next((row.created_at for row in written if row.state == "success"), None),
        # GitHub's own are others, such as inactive.
        failed=next((row for row in written if row.state == "failure"), None),
    )
