"""The images in all environments' records, for the guard."""

from collections.abc import Iterable
from itertools import islice

from delivery.github.client import GitHub
from delivery.history.record import NEWEST, State, records
from delivery.policy.rules.known_image import KnownImage


def known_images(github: GitHub, environments: Iterable[str]) -> dict[str, KnownImage]:
    """Return the deployed images by digest, from each environment's newest records.

    Raises GitHubError, RecordError.
    """
    known: dict[str, KnownImage] = {}
    for environment in environments:
        for record in islice(records(github, environment), NEWEST):
            for image in record.deployed.images.values():
                before = known.get(image.digest)
                known[image.digest] = KnownImage(
                    verified=record.state is State.VERIFIED or (before is not None and before.verified),
                    deployed_at=min(row for row in (record.created_at, before and before.deployed_at) if row),
                    migration=image.migration or (before.migration if before else None),
                )
    return known
