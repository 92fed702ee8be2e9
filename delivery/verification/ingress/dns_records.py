"""Checks that the public hosts have DNS records that lead to the load balancer and belong to this cluster."""

from collections.abc import Iterator, Sequence
from functools import partial

from delivery.account.dns import Record, Zone, records, zones, zones_of
from delivery.account.error import CheckError
from delivery.account.target import Target
from delivery.verification.check import Caution, Check
from delivery.verification.ingress.load_balancer import balancer_of, patiently
from environments.applications import CORE_API, WEB
from environments.schema.external_dns import ExternalDns
from environments.schema.settings import Workload
from modules.model.names import load_balancer_group

ADDRESSES = ("A", "AAAA")
_LOG = "the log of external-dns"


def checks(target: Target) -> Iterator[Check]:
    """Check the records of each application's hosts; for a paused environment, that none is left."""
    shared, paused = target.shared, target.environment.paused
    for application, workload in ((WEB, target.environment.web), (CORE_API, target.environment.core_api)):
        hosts = ", ".join(workload.hosts)
        yield Check(
            name=f"{'paused ' if paused else ''}dns {application.name}",
            run=patiently(target, partial(_paused if paused else _dns, target, workload)),
            expected=f"no record of {hosts}; external-dns deletes them with --policy=sync"
            if paused
            else f"{hosts}: aliases of the load balancer, owned by {shared.dns_owner}",
            look=f"aws route53 list-resource-record-sets; {_LOG}",
            waits=True,
        )


def owner_of(host: str, kind: str, found: Sequence[Record], settings: ExternalDns) -> str | None:
    """The owner of a host's record of this type, from external-dns's registry record; None if nobody owns it."""
    by_name = {record.name: labels for record in found if (labels := record.registry_labels) is not None}
    names = settings.registry_names(host, kind)
    return next((by_name[name].get("owner", "") for name in names if name in by_name), None)


def has_place_for_owner(host: str, zone: Zone, settings: ExternalDns) -> bool:
    """Whether external-dns can record the owner of the host's records: its registry record must lie in the zone."""
    first = settings.registry_names(host, "A")[0]
    return first.endswith(f".{zone.name}")


def _records(target: Target, host: str, known: Sequence[Zone]) -> tuple[Zone, list[Record]]:
    fitting = zones_of(host, known)
    if not fitting:
        raise CheckError(f"Route 53 has no public zone for {host}")
    return fitting[0], [record for zone in fitting for record in records(target.route53, zone)]


def _dns(target: Target, workload: Workload) -> str | Caution:
    balancer = balancer_of(target, load_balancer_group(target.environment, target.shared))
    known, settings = zones(target.route53), target.shared.external_dns
    problems, unmarked = [], []
    for host in workload.hosts:
        zone, found = _records(target, host, known)
        marked = has_place_for_owner(host, zone, settings)
        problems += record_problems(
            host, found, address=balancer.address, settings=settings, owner=target.shared.dns_owner, marked=marked
        )
        unmarked += [] if marked or owner_of(host, "A", found, settings) else [host]
    if problems:
        raise CheckError(", ".join(problems))
    said = f"{', '.join(workload.hosts)} to {balancer.name}"
    if unmarked:
        return Caution(
            f"{said}; external-dns cannot mark the records of {', '.join(unmarked)} as its own, so it never changes or "
            "deletes them: it needs a --txt-prefix that ends in a dot (external_dns in environments/shared.py)"
        )
    return f"{said}, owned by {target.shared.dns_owner}"


def record_problems(
    host: str, found: Sequence[Record], *, address: str, settings: ExternalDns, owner: str, marked: bool
) -> list[str]:
    """How a host's records differ from aliases of this address that this owner's external-dns created.

    found: every record of the zone. marked: a record must say whose they are. An AAAA record may be missing:
    external-dns creates one only since 0.15.
    """
    mine = {record.kind: record for record in found if record.name == host.lower()}
    if "CNAME" in mine:
        return [f"{host} is a CNAME of {', '.join(mine['CNAME'].values)}, not an alias"]
    if "A" not in mine:
        return [f"{host} has no A record yet"]
    problems = []
    for kind in (kind for kind in ADDRESSES if kind in mine):
        if mine[kind].alias != address.lower():
            leads_to = mine[kind].alias or ", ".join(mine[kind].values)
            problems.append(f"the {kind} record of {host} leads to {leads_to}, not {address}")
        who = owner_of(host, kind, found, settings)
        if who is None and marked:
            name = settings.registry_names(host, kind)[0]
            problems.append(f"nobody owns the {kind} record of {host}: there is no TXT record such as {name}")
        elif who not in (None, owner):
            problems.append(f"the {kind} record of {host} is owned by {who}, not {owner}")
    return problems


def _paused(target: Target, workload: Workload) -> str:
    known, settings = zones(target.route53), target.shared.external_dns
    left = []
    for host in workload.hosts:
        _, found = _records(target, host, known)
        left += left_records(host, found, settings=settings, owner=target.shared.dns_owner)
    if left:
        raise CheckError(f"{', '.join(left)} {'is' if len(left) == 1 else 'are'} left")
    return f"{', '.join(workload.hosts)}: no record of {target.shared.dns_owner}"


def left_records(host: str, found: Sequence[Record], *, settings: ExternalDns, owner: str) -> list[str]:
    """The host's address records that belong to no other owner, and the records that claim them for this owner."""
    registry = {name for kind in ADDRESSES for name in settings.registry_names(host, kind)}
    return [
        f"the {record.kind} record {record.name}"
        for record in found
        if (
            record.name == host.lower()
            and record.kind in (*ADDRESSES, "CNAME")
            and owner_of(host, "AAAA" if record.kind == "AAAA" else "A", found, settings) in (None, owner)
        )
        or (record.name in registry and (record.registry_labels or {}).get("owner") == owner)
    ]
