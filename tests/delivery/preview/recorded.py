"""Stored claims, leases and images, with defaults for irrelevant fields."""

from datetime import UTC, datetime, timedelta

from delivery.preview.claim import Claim, Images
from delivery.preview.claims import Claims, Slot, Wanted
from delivery.preview.lease import DURATION, Lease, What
from environments.preview import preview
from environments.schema.document import DocumentCatalogue, SettingsDocument
from environments.schema.previews import Previews
from environments.schema.settings import Image
from modules.model.selected_settings import SHARED
from tests.delivery.images.registry_contents import digest

REPOSITORY = "mosaic-stories/mosaic-life"
PREVIEWS = Previews(repository=REPOSITORY, slots=3, asleep_after_hours=12, released_after_days=5)
# One slot, read once, because a test runs hundreds of commands.
CATALOGUE = DocumentCatalogue(SettingsDocument(shared=SHARED, environments=(preview(1),)))
SLOTS = ("preview-1", "preview-2", "preview-3")
NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def images(number: int = 1) -> Images:
    """Return the images of a build; each number is a different build."""
    return Images(
        web=Image(tag=f"pr-{number}", digest=digest(number)),
        core_api=Image(tag=f"pr-{number}", digest=digest(1000 + number)),
    )


def wanted(pull_request: int, build: int = 1) -> Wanted:
    return Wanted(
        id=f"{pull_request:032x}", repository=REPOSITORY, pull_request=pull_request, commit=None, images=images(build)
    )


def claim(pull_request: int = 7, /, **fields: object) -> Claim:
    """Return a claim that was deployed a minute ago."""
    return Claim.model_validate(
        {
            "id": f"{pull_request:032x}",
            "repository": REPOSITORY,
            "pull_request": pull_request,
            "images": images(),
            "deployed": images(),
            "claimed_at": NOW,
            "renewed_at": NOW,
            **fields,
        }
    )


def lease(what: What = "deploy", by: str = "https://github.com/mosaic-stories/platform/actions/runs/1") -> Lease:
    return Lease(what=what, by=by, until=NOW + DURATION)


def claims(**slots: Slot) -> Claims:
    """Return the claims of slots by name, with an underscore for the hyphen."""
    return Claims(slots={name.replace("_", "-"): slot for name, slot in slots.items()})
