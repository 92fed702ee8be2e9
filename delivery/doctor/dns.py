"""DNS: the public hosts' zone, and the owners of their existing records."""

from collections.abc import Iterator

from delivery.account.dns import Record, Zone, records, zones, zones_of
from delivery.account.error import CheckError
from delivery.doctor.examination import Examination
from delivery.doctor.finding import Fact, Finding, Once, fine, note
from delivery.verification.ingress.dns_records import ADDRESSES, has_place_for_owner, owner_of

_FILE = "environments/shared.py"


def facts(examination: Examination) -> Iterator[Fact]:
    """The hosted zone and the hosts' records. A deploy needs neither, but clients need both to reach the hosts."""
    target = examination.target
    known = Once(lambda: zones(target.route53))
    yield Fact(
        name="hosted zone",
        settings=f"a public one for {', '.join(target.environment.hosts)}",
        read=lambda: _zone(examination, known()),
    )
    yield Fact(
        name="DNS records",
        settings=f"none, or owned by {target.shared.dns_owner}",
        read=lambda: _records(examination, known()),
    )


def _zone(examination: Examination, known: list[Zone]) -> Finding:
    hosts = examination.target.environment.hosts
    missing = [host for host in hosts if not zones_of(host, known)]
    if missing:
        others = ", ".join(sorted(zone.name for zone in known))
        return note(
            f"none for {', '.join(missing)}; public zones in Route 53: {others or 'none'}",
            f"aws route53 create-hosted-zone --name {examination.target.shared.domain} --caller-reference ..., then "
            "set its name servers at the domain's registrar; or create records by hand, if the domain is elsewhere",
        )
    found = {zone.id: zone.name for host in hosts for zone in zones_of(host, known)}
    doubled = sorted({name for name in found.values() if [*found.values()].count(name) > 1})
    if doubled:
        return note(
            f"{', '.join(f'{name} ({zone})' for zone, name in found.items() if name in doubled)}: external-dns writes "
            "to any one of them",
            "delete the one that the domain's name servers do not serve, or set external-dns's --zone-id-filter",
        )
    return fine(", ".join(f"{name} ({zone})" for zone, name in found.items()))


def _records(examination: Examination, known: list[Zone]) -> Finding:
    target = examination.target
    expected, settings = target.shared.dns_owner, target.shared.external_dns
    contents = {zone.id: records(target.route53, zone) for zone in known}
    foreign, unmarked, own = {}, [], []
    for host in target.environment.hosts:
        fitting = zones_of(host, known)
        if not fitting:
            raise CheckError(f"there is no public zone for {host}")
        found: list[Record] = [record for zone in fitting for record in contents[zone.id]]
        there = [it.kind for it in found if it.name == host.lower() and it.kind in (*ADDRESSES, "CNAME")]
        owners = {owner_of(host, "AAAA" if kind == "AAAA" else "A", found, settings) for kind in there}
        if owners == {None} and not has_place_for_owner(host, fitting[0], settings):
            unmarked.append(host)
        elif owners - {expected}:
            foreign[host] = sorted(str(owner) for owner in owners - {expected, None}) or ["nobody"]
        elif owners:
            own.append(host)
    if foreign:
        whose = sorted({owner for owners in foreign.values() for owner in owners})
        listed = [f"{host} has records owned by {', '.join(owners)}" for host, owners in foreign.items()]
        return note(
            f"{'; '.join(listed)}: external-dns does not change them",
            f'external_dns=ExternalDns(owner="{whose[0]}") in {_FILE}'
            if len(whose) == 1 and whose != ["nobody"]
            else "delete them where the load balancer should answer, and external-dns creates its own; or set "
            f"external_dns in {_FILE} to the --txt-prefix and --txt-suffix of this cluster's external-dns",
        )
    if unmarked:
        return note(
            f"{', '.join(unmarked)} has records of an unknown owner: external-dns has no place in the zone to name it",
            "end external-dns's --txt-prefix with a dot, such as %{record_type}-owner., and set external_dns in "
            f"{_FILE} likewise",
        )
    return fine(f"{', '.join(own)} of {expected}" if own else "none yet")
