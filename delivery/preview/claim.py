"""One pull request's claim of a slot."""

from typing import Annotated, Self

from pydantic import AwareDatetime, Field, model_validator

from delivery.preview.stored import Stored
from environments.schema.github import Repository
from environments.schema.settings import Image

Commit = Annotated[str, Field(pattern=r"^[0-9a-f]{40}$")]
# GitHub numbers issues and pull requests from 1.
PullRequestNumber = Annotated[int, Field(ge=1, le=2**31 - 1)]


class Images(Stored):
    """A build: an image for each field of ``Environment.images``, by tag and digest."""

    web: Image
    core_api: Image

    @model_validator(mode="after")
    def _name_one_build_for_ever(self) -> Self:
        for field, image in dict(self).items():
            if not (image.tag and image.digest):
                raise ValueError(f"{field} is {image.reference!r}; allowed: a tag and the digest that it names")
        return self

    def __str__(self) -> str:
        return f"web {self.web.tag}, core-api {self.core_api.tag}"


class Claim(Stored):
    """A pull request's claim and what runs for it.

    id: unique to this claim, 32 hex digits. commit: the head that the images were built from, if the caller names it.
    images: what is to run. deployed: the last images that were deployed and came up; None before the first time.
    failed: images deployed since then that did not come up. claimed_at, renewed_at: by the state bucket's clock.
    asleep: deployed without pods. ending: being emptied; such a claim is no longer renewed.
    """

    id: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
    repository: Repository
    pull_request: PullRequestNumber
    commit: Commit | None = None
    images: Images
    deployed: Images | None = None
    failed: Images | None = None
    claimed_at: AwareDatetime
    renewed_at: AwareDatetime
    asleep: bool = False
    ending: bool = False

    def is_of(self, repository: str, pull_request: int) -> bool:
        """Whether this is the claim of that pull request."""
        return (self.repository, self.pull_request) == (repository, pull_request)

    def __str__(self) -> str:
        return f"{self.repository}#{self.pull_request}"
