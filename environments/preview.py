"""A preview: what a pull request of the application gets for itself, one pod each and no data of anybody's.

A slot is an environment like any other, but for its images, which the pull request that claims it brings, and its
branch: this repository's default one deploys it, at each claim (docs/decisions/2026-11-30-preview-slots.md).
"""

from environments.schema.database import Database
from environments.schema.settings import Backups, Environment, Image, Media, Quota, Session, Workload

# What a slot would run that nobody claimed; a claim says what runs.
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
        # What core-api's migrations ask for.
        database=Database(extensions=("vector", "uuid-ossp", "pg_trgm")),
        # With cookie_domain=".preview.example.com", and hosts below it, no browser sends production's cookies here.
        session=Session(cookie_name=f"mosaic_session_preview_{slot}"),
        media=Media(old_versions_expire_after=1),
        backups=Backups(expire_after=1, old_versions_expire_after=1),
        # Both pods, a rolling update's second ones and a migration.
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
