"""A protected environment runs images that were verified elsewhere, and does not fall behind its database."""

import re
from collections.abc import Iterator

from delivery.plan.document import ResourceChange
from delivery.policy.rules.rule import Blocks, Finding, Review, Rule, at, items

_DIGEST = re.compile(r"@(sha256:[0-9a-f]{64})$")


def _unverified(review: Review) -> Iterator[Finding]:
    if review.known_images is None or not review.environment.protected:
        return
    for change, _, after in _changed(review):
        digest = _digest(after)
        if digest is None:
            yield Finding.of(change.address, "would run {} by its tag alone: nobody can tell what was verified", after)
        elif digest not in review.known_images or not review.known_images[digest].verified:
            yield Finding.of(change.address, "would run {}, which no environment has verified", digest)


def _behind(review: Review) -> Iterator[Finding]:
    for change, before, after in _changed(review):
        old, new = (
            review.known_images.get(_digest(row) or "") if review.known_images else None for row in (before, after)
        )
        if old is None or new is None or None in (old.migration, new.migration):
            continue
        if new.deployed_at < old.deployed_at and new.migration != old.migration:
            yield Finding.of(
                change.address,
                "would go back to {}, with the newest migration {}, and the database is at {}",
                _digest(after),
                new.migration,
                old.migration,
            )


def _changed(review: Review) -> Iterator[tuple[ResourceChange, str, str]]:
    """The applications' changed images, before and after; a new application has none before."""
    for change in review.changes("kubernetes_deployment"):
        before, after = (_images(side) for side in (change.before, change.after))
        for name, image in after.items():
            if image != before.get(name):
                yield change, before.get(name, ""), image


def _images(attributes: object) -> dict[str, str]:
    containers = items(at(attributes, "spec", 0, "template", 0, "spec", 0, "container"))
    return {str(at(row, "name")): str(at(row, "image")) for row in containers}


def _digest(image: str) -> str | None:
    found = _DIGEST.search(image)
    return found[1] if found else None


RULES = (
    Rule(
        id="unverified-image",
        danger="A build that nobody has verified",
        reason="People should use only builds that were verified elsewhere; make history lists them.",
        blocks=Blocks.NEVER,
        find=_unverified,
    ),
    Rule(
        id="image-behind-migration",
        danger="An older build on a newer database",
        reason="Migrations run forward only: an older build may not fit the tables that a newer one has changed.",
        blocks=Blocks.NEVER,
        find=_behind,
    ),
)
