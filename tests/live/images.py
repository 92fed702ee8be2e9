"""Puts other images into an environment's file and into the registry."""

import re
from typing import Any

from environments.applications import APPLICATIONS
from local.seed.registry import push_image


def with_tag(text: str, tag: str) -> str:
    """Return an environment's file with this image tag for every application."""
    changed, count = re.subn(r"\bimage=Image\([^)]*\)", f'image=Image(tag="{tag}")', text)
    assert count == len(APPLICATIONS), f"{count} images, not one for each application"
    return changed


def push_all(ecr: Any, tag: str) -> None:  # noqa: ANN401 no types of this API are installed
    """Push every application's image under this tag."""
    for application in APPLICATIONS:
        push_image(ecr, application.repository, tag)
