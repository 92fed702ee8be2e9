"""The account's DNS: public hosted zones of Route 53, and the records in them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_HERITAGE = "heritage=external-dns"


@dataclass(frozen=True, kw_only=True)
class Zone:
    """A public hosted zone. name: without the trailing dot."""

    id: str
    name: str


@dataclass(frozen=True, kw_only=True)
class Record:
    """A record set. name: without the trailing dot. kind: the record type. alias: the alias's target, or None.

    values: as Route 53 stores them; empty for an alias.
    """

    name: str
    kind: str
    alias: str | None = None
    values: tuple[str, ...] = ()

    @property
    def registry_labels(self) -> Mapping[str, str] | None:
        """The labels that external-dns stores in this record, such as owner; None if it holds none.

        Source: endpoint/labels.go of https://github.com/kubernetes-sigs/external-dns
        """
        for value in self.values if self.kind == "TXT" else ():
            tokens = value.strip('"').split(",")
            if _HERITAGE in tokens:
                pairs = [token.removeprefix("external-dns/").partition("=") for token in tokens if token != _HERITAGE]
                return {key: text for key, _, text in pairs}
        return None


def zones(route53: Any) -> list[Zone]:  # noqa: ANN401 a client without types
    """The account's public hosted zones. Raises ClientError."""
    return [
        Zone(id=row["Id"].rpartition("/")[2], name=_plain(row["Name"]))
        for page in route53.get_paginator("list_hosted_zones").paginate()
        for row in page["HostedZones"]
        if not row.get("Config", {}).get("PrivateZone", False)
    ]


def zones_of(host: str, known: Sequence[Zone]) -> list[Zone]:
    """Those of the known zones that can hold a host's records: the ones with the longest matching name."""
    fitting = [zone for zone in known if f".{host.lower()}".endswith(f".{zone.name}")]
    longest = max((len(zone.name) for zone in fitting), default=0)
    return [zone for zone in fitting if len(zone.name) == longest]


def records(route53: Any, zone: Zone) -> list[Record]:  # noqa: ANN401 a client without types
    """Every record of a zone. Raises ClientError."""
    return [
        Record(
            name=_plain(row["Name"]),
            kind=row["Type"],
            alias=_target(row["AliasTarget"]["DNSName"]) if "AliasTarget" in row else None,
            values=tuple(value["Value"] for value in row.get("ResourceRecords", [])),
        )
        for page in route53.get_paginator("list_resource_record_sets").paginate(HostedZoneId=zone.id)
        for row in page["ResourceRecordSets"]
    ]


def _plain(name: str) -> str:
    return name.rstrip(".").lower()


def _target(name: str) -> str:
    # The console adds this prefix for a load balancer; both names are valid.
    return _plain(name).removeprefix("dualstack.")
