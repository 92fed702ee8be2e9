"""moto's ECR, with images pushed like the application's build pushes them."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime

import boto3
import pytest
from moto import mock_aws
from moto.backends import get_backend

from delivery.images.registry import ImageRegistry
from environments.applications import APPLICATION_OF_FIELD
from modules.model.selected_settings import SHARED

_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
_CONFIG = "application/vnd.oci.image.config.v1+json"


class Registry:
    """The repositories of both applications; ``images`` reads them."""

    def __init__(self) -> None:
        session = boto3.Session(
            region_name=SHARED.region, aws_access_key_id="AKIAEXAMPLE", aws_secret_access_key="made-up"
        )
        self._ecr = session.client("ecr")
        self.images = ImageRegistry(session, SHARED)
        for application in APPLICATION_OF_FIELD.values():
            self._ecr.create_repository(repositoryName=application.repository)

    def push(
        self,
        field: str,
        tag: str,
        digest: str,
        *,
        pushed_at: datetime | None = None,
        annotations: Mapping[str, str] | None = None,
    ) -> None:
        """Push an application's image and move the tag to it."""
        repository = APPLICATION_OF_FIELD[field].repository
        manifest = {
            "schemaVersion": 2,
            "mediaType": _MANIFEST,
            "config": {"mediaType": _CONFIG, "size": 1, "digest": digest},
            "layers": [],
            "annotations": dict(annotations or {}),
        }
        self._ecr.put_image(
            repositoryName=repository, imageTag=tag, imageManifest=json.dumps(manifest), imageDigest=digest
        )
        if pushed_at:
            backend = get_backend("ecr")[SHARED.account][SHARED.region]
            for image in backend.repositories[repository].images:
                if image.get_image_digest() == digest:
                    image.image_pushed_at = int(pushed_at.timestamp())

    def delete(self, field: str) -> None:
        """Delete the repository of an application."""
        self._ecr.delete_repository(repositoryName=APPLICATION_OF_FIELD[field].repository, force=True)

    def untag(self, field: str, tag: str) -> None:
        """Remove a tag."""
        repository = APPLICATION_OF_FIELD[field].repository
        self._ecr.batch_delete_image(repositoryName=repository, imageIds=[{"imageTag": tag}])


@contextmanager
def registry() -> Iterator[Registry]:
    """Serve an account's empty registry in this process."""
    with pytest.MonkeyPatch.context() as patch, mock_aws():
        patch.setenv("MOTO_ACCOUNT_ID", SHARED.account)
        patch.setattr("moto.core.models.DEFAULT_ACCOUNT_ID", SHARED.account)
        yield Registry()
