"""Selecting an environment's build."""

import pytest

from delivery.images.registry import ImageRegistry
from delivery.images.selection import LATEST, Selection, SelectionError, select
from environments.applications import CORE_API, WEB
from environments.schema.settings import Environment
from modules.model.selected_settings import SETTINGS
from tests.delivery.images.registry_contents import RegistryContents, digest

STAGING, PROD = SETTINGS.find("staging"), SETTINGS.find("prod")
A, B, C = ("staging-aaaaaaa", "staging-bbbbbbb", "staging-ccccccc")


def digests(selection: Selection) -> tuple[str, str, str, str]:
    web, core_api = selection.images["web"], selection.images["core_api"]
    return web.tag, web.digest, core_api.tag, core_api.digest


def refused(registry: ImageRegistry, environment: Environment, tag: str) -> str:
    with pytest.raises(SelectionError) as raised:
        select(registry, environment, tag)
    return str(raised.value)


def test_a_tag_has_a_digest_in_each_repository(registry: ImageRegistry, contents: RegistryContents) -> None:
    contents.build(A, 1)
    contents.build(B, 11, hour=1)
    assert digests(select(registry, STAGING, A)) == (A, digest(1), A, digest(2))


def test_latest_is_the_newest_build_of_the_environment(registry: ImageRegistry, contents: RegistryContents) -> None:
    contents.build(A, 1, hour=1)
    contents.build(B, 11, hour=2)
    for hour, tag in enumerate(("prod-ccccccc", "feature-ddddddd", "develop", "eeeeeee", "staging-latest"), start=3):
        contents.build(tag, 11 + 10 * hour, hour=hour)
    found = select(registry, STAGING, LATEST)
    assert digests(found) == (B, digest(11), B, digest(12))
    assert found.remarks == ()


def test_a_commit_missing_from_one_repository_is_skipped_and_reported(
    registry: ImageRegistry, contents: RegistryContents
) -> None:
    contents.build(A, 1, hour=1)
    contents.build(B, 11, hour=2)
    contents.push(WEB.repository, C, 21, hour=3)
    found = select(registry, STAGING, LATEST)
    assert found.images["core_api"].tag == B
    (remark,) = found.remarks
    assert remark == (
        f"{WEB.repository} has a newer {C}, pushed 2026-11-29 03:00, which not every repository has: {B} is the newest "
        "that all have"
    )


def test_an_old_build_pushed_again_to_one_repository_is_not_the_latest(
    registry: ImageRegistry, contents: RegistryContents
) -> None:
    contents.build(A, 1, hour=1)
    contents.build(B, 11, hour=2)
    contents.push(WEB.repository, A, 21, hour=3)
    assert select(registry, STAGING, LATEST).images["web"].tag == B


def test_latest_without_a_build_for_the_environment_lists_existing_builds(
    registry: ImageRegistry, contents: RegistryContents
) -> None:
    contents.build("prod-aaaaaaa", 1)
    contents.push(WEB.repository, A, 11)
    assert refused(registry, STAGING, LATEST) == (
        f"no tag staging-COMMIT is in every repository: {WEB.repository} has {A}; {CORE_API.repository} has none; "
        "allowed: --set TAG, of a build that pushed every image"
    )


def test_each_repository_without_the_tag_is_reported_with_its_tags(
    registry: ImageRegistry, contents: RegistryContents
) -> None:
    contents.push(WEB.repository, A, 1)
    contents.push(CORE_API.repository, B, 11)
    assert refused(registry, STAGING, A) == (
        f"the registry has no {CORE_API.repository}:{A}; its staging-COMMIT tags: {B}"
    )
    assert len(refused(registry, STAGING, C).splitlines()) == 2


@pytest.mark.parametrize("application", ["web", "core_api"])
def test_a_tag_that_moved_since_it_was_set_is_refused_with_both_digests_shown(
    registry: ImageRegistry, contents: RegistryContents, application: str
) -> None:
    contents.build(A, 1)
    pinned = {field: {"image": {"tag": A, "digest": digest(number)}} for field, number in (("web", 1), ("core_api", 2))}
    right = STAGING.changed(pinned)
    assert select(registry, right, A).images
    wrong = right.changed({application: {"image": {"digest": digest(9)}}})
    said = refused(registry, wrong, A)
    assert said.startswith(
        f"{application.replace('_', '-')}: tag {A} has moved: environments/staging.py has {digest(9)}, the registry "
    )
    assert right.images[application].digest is not None
    assert str(right.images[application].digest) in said


def test_a_protected_environment_never_gets_a_mutable_tag(registry: ImageRegistry, contents: RegistryContents) -> None:
    contents.build("main", 1)
    assert "tag 'main' can be moved to another build; allowed in a protected environment: prod-COMMIT" in refused(
        registry, PROD, "main"
    )
    assert select(registry, STAGING, "main").images["web"].digest == digest(1)
    contents.build("prod-1a2b3c4", 11)
    assert select(registry, PROD, "prod-1a2b3c4").images["core_api"].digest == digest(12)


def test_a_missing_repository_is_reported(registry: ImageRegistry, contents: RegistryContents) -> None:
    contents.push(WEB.repository, A, 1)
    contents.ecr.delete_repository(repositoryName=CORE_API.repository, force=True)
    assert refused(registry, STAGING, A) == f"the registry has no repository {CORE_API.repository}"


def test_images_the_nodes_cannot_run_are_refused_per_repository(
    registry: ImageRegistry, contents: RegistryContents
) -> None:
    contents.index(A, 1, "linux/arm64")
    assert len(refused(registry, STAGING, A).splitlines()) == 2
