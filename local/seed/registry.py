"""The account's image registry, with the images that the settings name. No image is ever pulled from it."""

import json
from contextlib import suppress
from typing import Any

from environments.applications import APPLICATION_OF_FIELD, APPLICATIONS
from environments.schema.rules import SettingsError
from environments.schema.settings import Environment, Image
from local.aws.clients import AwsClients
from local.kubernetes.pulled_images import digest_of
from modules.model.selected_settings import SETTINGS, SHARED

_MANIFEST_TYPE = "application/vnd.docker.distribution.manifest.v2+json"


def seed_registry(aws: AwsClients) -> None:
    """Create the applications' repositories, and push each image of an environment that is missing there."""
    for application in APPLICATIONS:
        with suppress(aws.ecr.exceptions.RepositoryAlreadyExistsException):
            aws.ecr.create_repository(repositoryName=application.repository)
    # The command that needs an environment's file reports what is wrong with it.
    environments: list[Environment] = []
    with suppress(SettingsError):
        environments += SETTINGS.load()
    for environment in environments:
        for field, image in environment.images.items():
            repository = APPLICATION_OF_FIELD[field].repository
            if not _is_there(aws.ecr, repository, image):
                push_image(aws.ecr, repository, image.tag, digest=image.digest)


def push_image(
    ecr: Any,  # noqa: ANN401 no types of this API are installed
    repository: str,
    tag: str | None,
    *,
    digest: str | None = None,
) -> None:
    """Push an image under a tag, unless the tag already names it.

    digest: of the image; by default the one that nodes pull for the tag.
    """
    digest = digest or digest_of(f"{SHARED.image_registry}/{repository}:{tag}")
    part = {"mediaType": "application/octet-stream", "size": 1, "digest": digest}
    manifest = json.dumps({"schemaVersion": 2, "mediaType": _MANIFEST_TYPE, "config": part, "layers": []})
    named = {"imageTag": tag} if tag else {}
    with suppress(ecr.exceptions.ImageAlreadyExistsException):
        # moto takes the digest as given; ECR would compute it from the manifest.
        ecr.put_image(repositoryName=repository, imageManifest=manifest, imageDigest=digest, **named)


def _is_there(ecr: Any, repository: str, image: Image) -> bool:  # noqa: ANN401 as above
    wanted = {"imageDigest": image.digest} if image.digest else {"imageTag": image.tag}
    try:
        ecr.describe_images(repositoryName=repository, imageIds=[wanted])
    except ecr.exceptions.ImageNotFoundException:
        return False
    return True
