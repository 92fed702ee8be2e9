"""The checks of the builds that pods run."""

import boto3
import pytest

from delivery.account.error import CheckError
from delivery.account.target import Target
from delivery.images.running import RunningImage, image_name
from delivery.verification.check import Caution
from delivery.verification.images import checks, compare
from environments.applications import WEB
from environments.schema.settings import Image
from modules.model.names import Names
from modules.model.selected_settings import SETTINGS, SHARED
from tests.delivery.images.registry_contents import RegistryContents, digest

STAGING = SETTINGS.find("staging")
TAG = "staging-1a2b3c4"


def outcome(
    session: boto3.Session, image: Image, *digests: str, registry: str = SHARED.image_registry
) -> str | Caution:
    shared = SHARED.changed({"image_registry": registry})
    target = Target(environment=STAGING, shared=shared, names=Names.of(STAGING, shared), local=True, session=session)
    name = image_name(shared, WEB, image)
    return compare(target, WEB, image, [RunningImage(image=name, digest=it, pods=1) for it in digests])


def test_a_digest_in_the_settings_is_compared_without_the_registry(session: boto3.Session) -> None:
    image = Image(tag=TAG, digest=digest(1))
    assert outcome(session, image, digest(1)) == f"{WEB.repository}@{digest(1)}"
    with pytest.raises(CheckError, match=f"pods run {digest(2)}, the settings have {digest(1)}"):
        outcome(session, image, digest(2))


def test_a_tag_is_compared_with_the_registry(session: boto3.Session, contents: RegistryContents) -> None:
    contents.push(WEB.repository, TAG, 1)
    assert outcome(session, Image(tag=TAG), digest(1)) == f"{WEB.repository}:{TAG} is {digest(1)}"


def test_a_moved_commit_tag_is_wrong(session: boto3.Session, contents: RegistryContents) -> None:
    contents.push(WEB.repository, TAG, 2)
    with pytest.raises(CheckError) as raised:
        outcome(session, Image(tag=TAG), digest(1))
    assert str(raised.value) == f"tag {TAG} moved: pods run {digest(1)}, registry has {digest(2)}"
    assert raised.value.lasting


def test_a_moved_branch_tag_is_a_warning(session: boto3.Session, contents: RegistryContents) -> None:
    contents.push(WEB.repository, "develop", 2)
    found = outcome(session, Image(tag="develop"), digest(1))
    assert isinstance(found, Caution)
    assert found.text.startswith(
        f"tag develop moved: pods run {digest(1)}, registry has {digest(2)}; python -m delivery"
    )


def test_an_image_missing_from_the_registry_is_wrong(session: boto3.Session, contents: RegistryContents) -> None:
    with pytest.raises(CheckError, match=f"the registry has no {WEB.repository}:{TAG}: pods run {digest(1)}, and no"):
        outcome(session, Image(tag=TAG), digest(1))


def test_an_unreachable_registry_is_a_warning(session: boto3.Session) -> None:
    found = outcome(session, Image(tag=TAG), digest(1), registry="ghcr.io")
    assert isinstance(found, Caution)
    assert f"cannot tell whether {WEB.repository}:{TAG} still names it: ghcr.io is not an ECR registry" in found.text


def test_a_paused_environments_images_are_not_checked(session: boto3.Session) -> None:
    paused = STAGING.changed({"paused": True})
    target = Target(environment=paused, shared=SHARED, names=Names.of(paused, SHARED), local=True, session=session)
    assert list(checks(target)) == []
