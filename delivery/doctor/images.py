"""Each application's image in the registry: a tag that was never pushed ends in pods that wait for ever."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from typing import Any

from delivery.account.session import CALLS
from delivery.doctor.examination import Examination
from delivery.doctor.finding import Fact, Finding, Once, fine, in_the_way, not_seen, note
from environments.applications import CORE_API, WEB
from environments.schema.contract import Application
from environments.schema.formats import is_immutable
from environments.schema.settings import Image

_REGISTRY = re.compile(r"(?P<account>[0-9]{12})\.dkr\.ecr\.(?P<region>[a-z0-9-]+)\.amazonaws\.com")
_SHOWN = 3


def facts(examination: Examination) -> Iterator[Fact]:
    """The image of each application."""
    client = Once(lambda: _client(examination))
    environment = examination.target.environment
    for field, application in (("web", WEB), ("core_api", CORE_API)):
        image = environment.images[field]
        yield Fact(
            name=f"image of {application.name}",
            settings=f"{application.repository}{image.reference}",
            read=partial(_image, examination, client, field, application, image),
            quick=True,
        )


def _client(examination: Examination) -> tuple[Any, str] | None:
    """The registry's API, and the account whose registry it is; None for one of another kind."""
    found = _REGISTRY.fullmatch(examination.target.shared.image_registry)
    if found is None:
        return None
    return examination.target.session.client("ecr", region_name=found["region"], config=CALLS), found["account"]


def _image(
    examination: Examination,
    client: Once[tuple[Any, str] | None],
    field: str,
    application: Application,
    image: Image,
) -> Finding:
    registry = client()
    if registry is None:
        return not_seen(f"{examination.target.shared.image_registry} is no registry of ECR")
    ecr, account = registry
    # The digest is what runs where both are given.
    wanted = {"imageDigest": image.digest} if image.digest else {"imageTag": image.tag or ""}
    try:
        (found,) = ecr.describe_images(
            registryId=account,
            repositoryName=application.repository,
            imageIds=[wanted],
        )["imageDetails"]
    except ecr.exceptions.RepositoryNotFoundException:
        return in_the_way(
            f"there is no repository {application.repository}",
            f"aws ecr create-repository --repository-name {application.repository}, and push; or image_registry in "
            "environments/shared.py",
        )
    except ecr.exceptions.ImageNotFoundException:
        return _absent(examination, ecr, account, field, application)
    if image.digest and image.tag and image.tag not in found.get("imageTags", []):
        return note(f"the digest is there, under {', '.join(found.get('imageTags', [])) or 'no tag'}; it is what runs")
    pushed = found.get("imagePushedAt")
    return fine(f"there, pushed {pushed:%Y-%m-%d}" if pushed else "there")


def _absent(
    examination: Examination,
    ecr: Any,  # noqa: ANN401 the packages of the lock file have no types of this API
    account: str,
    field: str,
    application: Application,
) -> Finding:
    pages = ecr.get_paginator("describe_images").paginate(
        registryId=account, repositoryName=application.repository, filter={"tagStatus": "TAGGED"}
    )
    images = sorted(
        (detail for page in pages for detail in page["imageDetails"]),
        key=lambda detail: detail.get("imagePushedAt") or datetime.min.replace(tzinfo=UTC),
        reverse=True,
    )
    protected = examination.target.environment.protected
    tags = [
        tag
        for detail in images
        for tag in detail.get("imageTags", [])
        if tag != "latest" and (is_immutable(tag) or not protected)
    ]
    if not tags:
        return in_the_way("it was never pushed, nor any other that fits", f"push it to {application.repository}")
    newest = tags[:_SHOWN]
    return in_the_way(
        f"it was never pushed; the newest that fit: {', '.join(newest)}",
        f'{field}=Workload(image=Image(tag="{newest[0]}"), ...) in {examination.environment_file}, or push it',
    )
