"""Reading an ECR registry."""

import boto3
import pytest

from delivery.images.registry import (
    ImageRegistry,
    NoEcrError,
    NoImageError,
    NoRepositoryError,
    RegistryError,
    UnfitImageError,
)
from environments.applications import WEB
from environments.schema.settings import Image
from modules.model.selected_settings import SHARED
from tests.delivery.images.registry_contents import INDEX, RegistryContents, digest

TAG = "staging-1a2b3c4"


def test_a_tag_is_resolved_to_its_current_digest(registry: ImageRegistry, contents: RegistryContents) -> None:
    contents.push(WEB.repository, TAG, 1)
    first = registry.resolve(WEB.repository, TAG)
    contents.push(WEB.repository, TAG, 2, hour=3)
    second = registry.resolve(WEB.repository, TAG)
    assert (first.tag, first.digest, second.digest) == (TAG, digest(1), digest(2))
    assert first.pushed_at < second.pushed_at


def test_tags_come_newest_first_each_with_its_digest(registry: ImageRegistry, contents: RegistryContents) -> None:
    contents.push(WEB.repository, "staging-1111111", 1, hour=1)
    contents.push(WEB.repository, "develop", 2, hour=2)
    contents.push(WEB.repository, "staging-2222222", 2, hour=2)
    found = [(it.tag, it.digest) for it in registry.tags(WEB.repository)]
    assert sorted(found[:2]) == [("develop", digest(2)), ("staging-2222222", digest(2))]
    assert found[2:] == [("staging-1111111", digest(1))]


def test_an_image_is_found_by_its_digest_if_the_settings_have_one(
    registry: ImageRegistry, contents: RegistryContents
) -> None:
    contents.push(WEB.repository, "staging-1111111", 1)
    contents.push(WEB.repository, "staging-2222222", 2)
    assert registry.find(WEB.repository, Image(tag="staging-2222222", digest=digest(1))).tags == ("staging-1111111",)


def test_an_index_with_the_nodes_platform_is_used_as_the_image(
    registry: ImageRegistry, contents: RegistryContents
) -> None:
    contents.index(TAG, 7, "linux/amd64", "linux/arm64")
    assert registry.resolve(WEB.repository, TAG).digest == digest(7)


def test_an_index_without_the_nodes_platform_is_refused(registry: ImageRegistry, contents: RegistryContents) -> None:
    contents.index(TAG, 7, "linux/arm64", "windows/amd64")
    with pytest.raises(UnfitImageError, match=r"built for linux/arm64, windows/amd64; allowed: .* linux/amd64"):
        registry.resolve(WEB.repository, TAG)


def test_the_nodes_platform_is_a_setting(session: boto3.Session, contents: RegistryContents) -> None:
    contents.index(TAG, 7, "linux/arm64")
    other = ImageRegistry(session, SHARED.changed({"node_platform": "linux/arm64"}))
    assert other.resolve(WEB.repository, TAG).digest == digest(7)


@pytest.mark.parametrize("manifest", [{}, {"manifests": [1]}, {"manifests": [{"platform": {"os": "linux"}}]}])
def test_an_index_that_cannot_be_read_is_refused(
    registry: ImageRegistry, contents: RegistryContents, manifest: dict[str, object]
) -> None:
    contents.push(WEB.repository, TAG, 1, manifest=manifest, media_type=INDEX)
    with pytest.raises(UnfitImageError, match=f"the manifest of {WEB.repository}:{TAG} cannot be read"):
        registry.resolve(WEB.repository, TAG)


def test_a_manifest_that_is_not_an_image_is_refused(registry: ImageRegistry, contents: RegistryContents) -> None:
    chart = "application/vnd.cncf.helm.config.v1+json"
    contents.push(WEB.repository, TAG, 1, media_type=chart)
    with pytest.raises(UnfitImageError, match=f"is {chart.replace('+', '.')}; allowed: a manifest or an index"):
        registry.resolve(WEB.repository, TAG)


def test_a_missing_tag_or_repository_is_reported(registry: ImageRegistry) -> None:
    with pytest.raises(NoImageError, match=f"the registry has no {WEB.repository}:{TAG}"):
        registry.resolve(WEB.repository, TAG)
    with pytest.raises(NoRepositoryError, match="the registry has no repository other"):
        registry.tags("other")


def test_a_registry_outside_the_account_is_refused() -> None:
    with pytest.raises(NoEcrError, match=r"ghcr\.io is not an ECR registry; allowed in image_registry: ACCOUNT\.dkr"):
        ImageRegistry(boto3.Session(region_name=SHARED.region), SHARED.changed({"image_registry": "ghcr.io"}))


def test_an_unresponsive_registry_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "made-up")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    registry = ImageRegistry(boto3.Session(region_name=SHARED.region), SHARED)
    with pytest.raises(RegistryError, match="no answer from the registry"):
        registry.tags(WEB.repository)
