"""The account's image registry, through ECR's API."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from delivery.account.error import CheckError
from delivery.account.reason import reason
from delivery.account.session import CALLS
from environments.schema.settings import Image, Shared
from modules.model.image_registry import EcrRegistry

# https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-manifest-formats.html
_ONE_PLATFORM = {
    "application/vnd.docker.distribution.manifest.v2+json",
    "application/vnd.oci.image.manifest.v1+json",
}
_PLATFORMS = {
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.oci.image.index.v1+json",
}


class RegistryError(CheckError):
    """The registry does not answer, or does not hold the requested object."""


class NoEcrError(RegistryError):
    """The settings name a registry that is not ECR."""


class NoRepositoryError(RegistryError):
    """The registry has no such repository."""


class NoImageError(RegistryError):
    """The repository has no such image."""


class UnfitImageError(RegistryError):
    """The image exists, but the nodes could not run it, or that cannot be determined."""


@dataclass(frozen=True, kw_only=True)
class RegistryImage:
    """An image in a repository. tags: its current ones. media_type: its manifest's."""

    digest: str
    tags: tuple[str, ...]
    pushed_at: datetime
    media_type: str


@dataclass(frozen=True, kw_only=True)
class ResolvedImage:
    """The image that a tag names now."""

    tag: str
    digest: str
    pushed_at: datetime


class ImageRegistry:
    """The registry in the settings; makes no call until a method is called.

    session: the caller's credentials. Every method raises NoRepositoryError for a repository that does not exist, and
    RegistryError if the registry does not answer. Raises NoEcrError if the settings name another kind of registry.
    """

    def __init__(self, session: boto3.Session, shared: Shared) -> None:
        registry = EcrRegistry.of(shared.image_registry)
        if registry is None:
            raise NoEcrError(
                f"{shared.image_registry} is not an ECR registry; allowed in image_registry: "
                "ACCOUNT.dkr.ecr.REGION.amazonaws.com"
            )
        self._registry = registry
        self._session = session
        self._platform = shared.node_platform

    def find(self, repository: str, image: Image) -> RegistryImage:
        """Return the image that the settings name, by digest if there is one. Raises NoImageError."""
        wanted = {"imageDigest": image.digest} if image.digest else {"imageTag": image.tag or ""}
        with self._asking(repository, f"{repository}{image.reference}"):
            (found,) = self._ecr.describe_images(**self._place(repository), imageIds=[wanted])["imageDetails"]
        return _image(found)

    def resolve(self, repository: str, tag: str) -> ResolvedImage:
        """Return the image that a tag names now; the cluster's nodes can run it.

        For a multi-platform image the digest is the index's: a node records that one when it pulls the tag, and finds
        its own platform in the index. A single-platform manifest does not name its platform.
        Raises NoImageError, UnfitImageError.
        """
        image = self.find(repository, Image(tag=tag))
        name = f"{repository}:{tag}"
        if image.media_type in _PLATFORMS:
            platforms = self._platforms(repository, name, image.digest)
            if self._platform not in platforms:
                raise UnfitImageError(
                    f"{name} is built for {', '.join(platforms) or 'no platform'}; allowed: an image for "
                    f"{self._platform}, which the nodes run (node_platform in environments/shared.py)"
                )
        elif image.media_type not in _ONE_PLATFORM:
            raise UnfitImageError(
                f"{name} is {image.media_type or 'of an unknown type'}; allowed: a manifest or an index of images, of "
                "Docker or OCI"
            )
        return ResolvedImage(tag=tag, digest=image.digest, pushed_at=image.pushed_at)

    def images(self, repository: str) -> tuple[RegistryImage, ...]:
        """Return every tagged image, the newest push first."""
        with self._asking(repository, repository):
            pages = self._ecr.get_paginator("describe_images").paginate(
                **self._place(repository), filter={"tagStatus": "TAGGED"}
            )
            found = [_image(detail) for page in pages for detail in page["imageDetails"]]
        # moto accepts the filter but returns untagged images all the same.
        return tuple(sorted((image for image in found if image.tags), key=lambda image: image.pushed_at, reverse=True))

    def tags(self, repository: str) -> tuple[ResolvedImage, ...]:
        """Return the image behind each tag of the repository, the newest push first."""
        return tuple(
            ResolvedImage(tag=tag, digest=image.digest, pushed_at=image.pushed_at)
            for image in self.images(repository)
            for tag in image.tags
        )

    def annotations(self, repository: str, digest: str) -> Mapping[str, str]:
        """Return the build's annotations on an image's manifest or multi-platform index. Raises NoImageError.

        https://github.com/opencontainers/image-spec/blob/main/annotations.md
        """
        with self._asking(repository, f"{repository}@{digest}"):
            answer = self._ecr.batch_get_image(
                **self._place(repository),
                imageIds=[{"imageDigest": digest}],
                acceptedMediaTypes=sorted(_ONE_PLATFORM | _PLATFORMS),
            )
        if not answer["images"]:
            raise NoImageError(f"the registry has no {repository}@{digest}")
        found = json.loads(answer["images"][0]["imageManifest"]).get("annotations") or {}
        return {str(name): str(text) for name, text in found.items()}

    def _platforms(self, repository: str, name: str, digest: str) -> list[str]:
        """The platforms in an index, such as linux/amd64; other entries, such as attestations, are skipped."""
        with self._asking(repository, name):
            answer = self._ecr.batch_get_image(
                **self._place(repository), imageIds=[{"imageDigest": digest}], acceptedMediaTypes=sorted(_PLATFORMS)
            )
        try:
            parts = json.loads(answer["images"][0]["imageManifest"])["manifests"]
            named = [part["platform"] for part in parts if "platform" in part]
            platforms = {f"{platform['os']}/{platform['architecture']}" for platform in named}
        except (LookupError, TypeError, ValueError) as error:
            failures = ", ".join(str(failure.get("failureReason")) for failure in answer.get("failures", []))
            raise UnfitImageError(
                f"the manifest of {name} cannot be read: {failures or f'{type(error).__name__}: {error}'}; allowed: an "
                "index of images, of Docker or OCI"
            ) from None
        return sorted(platforms - {"unknown/unknown"})

    def _place(self, repository: str) -> dict[str, str]:
        return {"registryId": self._registry.account, "repositoryName": repository}

    @cached_property
    def _ecr(self) -> Any:  # noqa: ANN401 the packages of the lock file have no types of this API
        return self._session.client("ecr", region_name=self._registry.region, config=CALLS)

    @contextmanager
    def _asking(self, repository: str, what: str) -> Iterator[None]:
        try:
            yield
        except ClientError as error:
            code = error.response["Error"]["Code"]
            if code == "RepositoryNotFoundException":
                raise NoRepositoryError(f"the registry has no repository {repository}") from None
            if code == "ImageNotFoundException":
                raise NoImageError(f"the registry has no {what}") from None
            raise RegistryError(reason(error)) from None
        except BotoCoreError as error:
            raise RegistryError(f"no answer from the registry: {error}") from None


def _image(detail: Mapping[str, Any]) -> RegistryImage:
    return RegistryImage(
        digest=detail["imageDigest"],
        tags=tuple(detail.get("imageTags", ())),
        pushed_at=detail["imagePushedAt"],
        media_type=detail.get("imageManifestMediaType", ""),
    )
