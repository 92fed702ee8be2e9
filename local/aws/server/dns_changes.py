"""Allows a deleted DNS record to be created again, as Route 53 does; moto believes that it still exists.

external-dns deletes the records of a paused environment, and creates the same ones when it resumes.
"""

from typing import Any

from moto.route53.models import Route53Backend

_change_resource_record_sets = Route53Backend.change_resource_record_sets


def install() -> None:
    """Keep only changes of existing records in moto's journal of a zone."""
    setattr(Route53Backend, "change_resource_record_sets", _change)  # noqa: B010 mypy forbids the plain form


def _change(self: Route53Backend, zoneid: str, change_list: list[dict[str, Any]]) -> None:
    zone = self.get_hosted_zone(zoneid)
    existing = {(record.name.strip("."), record.type) for record in zone.rrsets}
    zone.rr_changes[:] = [
        change
        for change in zone.rr_changes
        if (change["ResourceRecordSet"]["Name"].strip("."), change["ResourceRecordSet"]["Type"]) in existing
    ]
    _change_resource_record_sets(self, zoneid, change_list)
