"""A preview: an environment for one pull request of the application, with one pod per application and no real data.

A slot is an environment like any other, with two differences: the claiming pull request brings the images, and this
repository's default branch deploys it, at each claim (docs/decisions/2026-11-30-preview-slots.md).
"""

from environments.schema.database import Database
from environments.schema.settings import Backups, Environment, Image, Media, Quota, Session, Workload

# A placeholder: the claim names the images.
_UNCLAIMED = Image(tag="e399d2f")


def preview(slot: int) -> Environment:
    """Return the preview of this slot, 1 to 9, as it is before a pull request claims it."""
    name = f"preview-{slot}"
    return Environment(
        name=name,
        stage=name,
        slot=slot,
        web=Workload(image=_UNCLAIMED, hosts=(f"{name}.mosaiclife.me",), replicas=1, ingress_order=900 + 10 * slot),
        core_api=Workload(
            image=_UNCLAIMED, hosts=(f"{name}-api.mosaiclife.me",), replicas=1, ingress_order=905 + 10 * slot
        ),
        # core-api's migrations need these.
        database=Database(extensions=("vector", "uuid-ossp", "pg_trgm")),
        # Browsers send production's cookies to these hosts too, unless hosts and cookie_domain use another domain.
        session=Session(cookie_name=f"mosaic_session_preview_{slot}"),
        media=Media(old_versions_expire_after=1),
        backups=Backups(expire_after=1, old_versions_expire_after=1),
        # Both pods, their replacements during a rolling update, and a migration.
        quota=Quota(
            cpu_requests="1500m",
            memory_requests="2Gi",
            ephemeral_storage_requests="1Gi",
            cpu_limits="4",
            memory_limits="4Gi",
            ephemeral_storage_limits="5Gi",
            pods=8,
        ),
    )
