"""The rules in verified_images.py: protected environments get verified builds that are not older than the database."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from delivery.plan.document import Plan
from delivery.policy.rules.known_image import KnownImage
from delivery.policy.rules.rule import Blocks, Review
from delivery.policy.rules.verified_images import RULES
from modules.model.selected_settings import SETTINGS, SHARED

TYPE = "kubernetes_deployment_v1"
OLD, NEW = f"sha256:{'a' * 64}", f"sha256:{'b' * 64}"
NOON = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)
UNVERIFIED, BEHIND = RULES


def deployment(image: str) -> dict[str, Any]:
    container = {"name": "web", "image": f"{SHARED.image_registry}/mosaic-life/web{image}"}
    return {"spec": [{"template": [{"spec": [{"container": [container]}]}]}]}


def known(*, verified: bool = True, hours: int = 0, migration: str | None = None) -> KnownImage:
    return KnownImage(verified=verified, deployed_at=NOON + timedelta(hours=hours), migration=migration)


def review(
    known_images: Mapping[str, KnownImage] | None,
    *,
    before: str = f":prod-80d2e05@{OLD}",
    after: str = f":staging-e399d2f@{NEW}",
    environment: str = "prod",
) -> Review:
    change = {"actions": ["update"], "before": deployment(before), "after": deployment(after)}
    row = {"address": f"{TYPE}.x", "mode": "managed", "type": TYPE, "name": "x", "change": change}
    document = {
        "format_version": "1.2",
        "terraform_version": "1.11.4",
        "complete": True,
        "errored": False,
        "resource_changes": [row],
        "configuration": {"provider_config": {}},
    }
    return Review(
        plan=Plan.parse(json.dumps(document)),
        environment=SETTINGS.find(environment),
        neighbours=[],
        shared=SHARED,
        stack={},
        known_images=known_images,
    )


def words(found: Review, rule: int) -> list[str]:
    return [finding.words() for finding in RULES[rule].find(found)]


@pytest.mark.parametrize("images", [{}, {NEW: known(verified=False)}, {OLD: known()}])
def test_an_unverified_digest_is_reported_in_production(images: dict[str, KnownImage]) -> None:
    assert words(review(images), 0) == [f"would run {NEW}, which no environment has verified"]


def test_a_build_without_a_digest_is_reported_in_production() -> None:
    [said] = words(review({NEW: known()}, after=":prod-e399d2f"), 0)
    assert said.endswith("/web:prod-e399d2f by its tag alone: nobody can tell what was verified")


@pytest.mark.parametrize(
    "found",
    [
        review({NEW: known()}),
        review(None),
        review({}, environment="staging"),
        review({}, before=f":staging-e399d2f@{NEW}"),
    ],
    ids=["verified", "not asked", "not protected", "no other image"],
)
def test_verified_unprotected_or_unchanged_images_are_not_a_finding(found: Review) -> None:
    assert words(found, 0) == []


def test_an_older_build_with_an_older_migration_is_reported_in_every_environment() -> None:
    images = {OLD: known(hours=1, migration="6a4b2170"), NEW: known(migration="1f2e3d4c")}
    for environment in SETTINGS.names():
        assert words(review(images, environment=environment), 1) == [
            f"would go back to {NEW}, with the newest migration 1f2e3d4c, and the database is at 6a4b2170"
        ]


@pytest.mark.parametrize(
    "images",
    [
        {OLD: known(migration="1f2e3d4c"), NEW: known(hours=1, migration="6a4b2170")},
        {OLD: known(hours=1, migration="6a4b2170"), NEW: known(migration="6a4b2170")},
        {OLD: known(hours=1), NEW: known(migration="1f2e3d4c")},
        {OLD: known(hours=1, migration="6a4b2170")},
        None,
    ],
    ids=["forward", "the same migration", "one does not say", "never deployed", "not asked"],
)
def test_a_current_or_unknown_build_is_not_a_finding(images: dict[str, KnownImage] | None) -> None:
    assert words(review(images), 1) == []


def test_both_only_warn() -> None:
    assert {UNVERIFIED.blocks, BEHIND.blocks} == {Blocks.NEVER}
