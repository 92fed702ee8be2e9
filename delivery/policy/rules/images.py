"""Only images from the account's registry may run, and in a protected environment only ones that cannot change.

The API server enforces the same (modules/model/admission/images.py).
"""

import re
from collections.abc import Iterator, Mapping

from delivery.policy.rules.rule import Blocks, Finding, Review, Rule
from delivery.redaction.marks import Sensitive, Unknown
from environments.schema.formats import IMMUTABLE_TAG

_FOR_EVER = re.compile(rf"@sha256:[0-9a-f]{{64}}$|:{IMMUTABLE_TAG}$")

_HOLD_IMAGES = ("image", "container", "init_container", "spec", "template")


def _find(review: Review) -> Iterator[Finding]:
    registry = f"{review.shared.image_registry}/"
    for change in review.changes("kubernetes_*"):
        if change.family == "kubernetes_manifest":
            # An environment's custom resources run no images.
            continue
        for image in dict.fromkeys(map(str, _images(change.after))):
            if not image.startswith(registry):
                yield Finding.of(change.address, "would run {}; allowed: from {}", image, review.shared.image_registry)
            elif review.protected and not _FOR_EVER.search(image):
                yield Finding.of(change.address, "would run {}, which can be moved to another build", image)


def _images(tree: object) -> Iterator[object]:
    if isinstance(tree, Mapping):
        for key, value in tree.items():
            is_image = key == "image" and isinstance(value, str)
            if is_image or (key in _HOLD_IMAGES and isinstance(value, Sensitive | Unknown)):
                yield value
            else:
                yield from _images(value)
    elif isinstance(tree, list):
        for item in tree:
            yield from _images(item)


RULES = (
    Rule(
        id="images",
        danger="Outside programs run",
        reason="A pod has its environment's permissions, so it may run only builds from the account's own registry.",
        blocks=Blocks.ALWAYS,
        find=_find,
    ),
)
