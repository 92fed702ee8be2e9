"""What the account's image registry holds: the images that the settings name. No image is ever pulled from it."""

import hashlib
import json
from contextlib import suppress
from typing import Any

from environments.applications import APPLICATIONS
from environments.schema.rules import SettingsError
from environments.schema.settings import Environment
from local.aws.clients import AwsClients
from modules.model.selected_settings import SETTINGS

_MANIFEST_TYPE = "application/vnd.docker.distribution.manifest.v2+json"


def seed_registry(aws: AwsClients) -> None:
    """Create the applications' repositories, and push each image that an environment names by a tag."""
    for application in APPLICATIONS:
        with suppress(aws.ecr.exceptions.RepositoryAlreadyExistsException):
            aws.ecr.create_repository(repositoryName=application.repository)
    # What is wrong with an environment's file, the command that needs it says.
    environments: list[Environment] = []
    with suppress(SettingsError):
        environments += SETTINGS.load()
    for environment in environments:
        for field, image in environment.images.items():
            if image.tag:
                push_image(aws.ecr, _repository(field), image.tag)


def push_image(ecr: Any, repository: str, tag: str) -> None:  # noqa: ANN401 no types of this API are installed
    """Push an image that is made of its tag alone, unless the repository has the tag."""
    with suppress(ecr.exceptions.ImageAlreadyExistsException):
        ecr.put_image(repositoryName=repository, imageTag=tag, imageManifest=_manifest(repository, tag))


def _repository(field: str) -> str:
    """The repository of a field of ``Environment.images``."""
    (repository,) = (row.repository for row in APPLICATIONS if row.name.replace("-", "_") == field)
    return repository


def _manifest(repository: str, tag: str) -> str:
    digest = f"sha256:{hashlib.sha256(f'{repository}:{tag}'.encode()).hexdigest()}"
    part = {"mediaType": "application/octet-stream", "size": 1, "digest": digest}
    return json.dumps({"schemaVersion": 2, "mediaType": _MANIFEST_TYPE, "config": part, "layers": []})
