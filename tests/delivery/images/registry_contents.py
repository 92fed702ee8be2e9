"""An ECR registry that a test fills, and its builds' digests."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from moto.backends import get_backend

from environments.applications import APPLICATIONS, CORE_API, WEB
from modules.model.selected_settings import SHARED

PLAIN = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"
REPOSITORIES = (WEB.repository, CORE_API.repository)


def digest(number: int) -> str:
    """Return a digest that is unique to this number."""
    return f"sha256:{number:064x}"


class RegistryContents:
    """The content of the repositories. ecr: a client for moto's registry API."""

    def __init__(self, ecr: Any) -> None:  # noqa: ANN401 no types of this API are installed
        self.ecr = ecr
        for application in APPLICATIONS:
            ecr.create_repository(repositoryName=application.repository)

    def push(
        self,
        repository: str,
        tag: str,
        number: int,
        *,
        manifest: Mapping[str, object] | None = None,
        media_type: str = PLAIN,
        hour: int = 0,
    ) -> str:
        """Push an image with this number's digest under a tag, at an hour of a day; return the digest."""
        self.ecr.put_image(
            repositoryName=repository,
            imageTag=tag,
            imageManifest=json.dumps({"number": number, **(manifest or {})}),
            imageManifestMediaType=media_type,
            imageDigest=digest(number),
        )
        # moto offers no other way to set the push time.
        backend = get_backend("ecr")[SHARED.account][SHARED.region]
        image = backend.repositories[repository]._get_image(tag, None)
        image.image_pushed_at = int(datetime(2026, 11, 29, hour, tzinfo=UTC).timestamp())
        return digest(number)

    def build(self, tag: str, number: int, *, hour: int = 0) -> None:
        """Push an image with this tag to each repository, each with its own digest."""
        for offset, repository in enumerate(REPOSITORIES):
            self.push(repository, tag, number + offset, hour=hour)

    def index(self, tag: str, number: int, *platforms: str) -> None:
        """Push an index of these platforms and an attestation to each repository."""
        parts = [
            dict(zip(("os", "architecture"), it.split("/"), strict=True)) for it in (*platforms, "unknown/unknown")
        ]
        manifest = {"manifests": [{"platform": part} for part in parts]}
        for offset, repository in enumerate(REPOSITORIES):
            self.push(repository, tag, number + offset, manifest=manifest, media_type=INDEX)
