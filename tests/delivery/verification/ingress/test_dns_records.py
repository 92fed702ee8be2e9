"""The checks of the public hosts' DNS records."""

import pytest

from delivery.verification.ingress.dns_records import checks
from environments.schema.external_dns import ExternalDns
from tests.delivery.conftest import Account
from tests.delivery.controllers_part import ControllersPart
from tests.delivery.verification.ingress.outcome import outcome

WEB = "stage.mosaiclife.me"
CLUSTER = "mosaiclife-eks"


class Named:
    """Staging's load balancer, and the zone with its records from external-dns 0.21."""

    def __init__(self, part: ControllersPart, host: str = WEB) -> None:
        self.part, self.host = part, host
        self.address = part.address(part.load_balancer())
        self.zone = part.zone()
        part.alias(self.zone, host, self.address, "A", "AAAA")

    def own(self, owner: str = CLUSTER) -> "Named":
        for kind in ("cname", "aaaa"):
            self.part.owner(self.zone, f"{kind}-{self.host}", owner)
        return self

    def delete(self, name: str, kind: str) -> None:
        route53 = self.part.target.route53
        for record in route53.list_resource_record_sets(HostedZoneId=self.zone)["ResourceRecordSets"]:
            if (record["Name"], record["Type"]) == (f"{name}.", kind):
                self.part.record(self.zone, record, "DELETE")

    def said(self, name: str = "dns web") -> str:
        return outcome(checks, self.part.target, name)


def test_aliases_owned_by_the_cluster_are_accepted(account: Account) -> None:
    named = Named(account()).own()
    assert named.said() == f"right: {WEB} to shared, owned by {CLUSTER}"
    assert all(check.waits for check in checks(named.part.target))


@pytest.mark.parametrize("name", [f"a-{WEB}", WEB])
def test_the_registry_of_newer_and_older_versions_is_read(account: Account, name: str) -> None:
    named = Named(account())
    named.delete(WEB, "AAAA")
    named.part.owner(named.zone, name, CLUSTER)
    assert named.said().startswith("right")


def test_an_alias_as_the_console_writes_it_is_the_same(account: Account) -> None:
    part = account()
    address, zone = part.address(part.load_balancer()), part.zone()
    part.alias(zone, WEB, f"dualstack.{address.upper()}.", "A")
    part.owner(zone, f"cname-{WEB}", CLUSTER)
    assert outcome(checks, part.target, "dns web").startswith("right")


def test_a_missing_record_is_waited_for(account: Account) -> None:
    named = Named(account()).own()
    assert named.said("dns core-api") == "stage-api.mosaiclife.me has no A record yet"


@pytest.mark.parametrize("kind", ["A", "AAAA"])
def test_a_record_that_points_elsewhere_is_reported(account: Account, kind: str) -> None:
    named = Named(account()).own()
    named.delete(WEB, kind)
    named.part.alias(named.zone, WEB, "old.us-east-1.elb.amazonaws.com", kind)
    assert named.said() == (f"the {kind} record of {WEB} leads to old.us-east-1.elb.amazonaws.com, not {named.address}")


def test_an_address_instead_of_an_alias_is_reported(account: Account) -> None:
    named = Named(account()).own()
    named.delete(WEB, "A")
    named.part.record(named.zone, {"Name": WEB, "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.1"}]})
    assert named.said() == f"the A record of {WEB} leads to 192.0.2.1, not {named.address}"


def test_a_cname_instead_of_an_alias_is_reported(account: Account) -> None:
    part = account()
    part.load_balancer()
    part.record(part.zone(), {"Name": WEB, "Type": "CNAME", "TTL": 60, "ResourceRecords": [{"Value": "example.com"}]})
    assert outcome(checks, part.target, "dns web") == f"{WEB} is a CNAME of example.com, not an alias"


def test_a_record_without_an_owner_is_reported(account: Account) -> None:
    named = Named(account())
    assert named.said() == ", ".join(
        f"nobody owns the {kind} record of {WEB}: there is no TXT record such as {kind.lower()}-{WEB}"
        for kind in ("A", "AAAA")
    )


def test_a_record_of_another_cluster_is_reported(account: Account) -> None:
    named = Named(account()).own("another")
    assert named.said() == ", ".join(
        f"the {kind} record of {WEB} is owned by another, not {CLUSTER}" for kind in ("A", "AAAA")
    )


def test_the_owner_in_the_settings_counts(account: Account) -> None:
    named = Named(account()).own("another")
    shared = named.part.target.shared.model_copy(update={"external_dns": ExternalDns(owner="another")})
    object.__setattr__(named.part.target, "shared", shared)
    assert named.said().endswith("owned by another")


@pytest.mark.parametrize("private", [True, False])
def test_only_a_public_zone_matching_the_host_counts(account: Account, *, private: bool) -> None:
    part = account()
    part.load_balancer()
    part.zone("mosaiclife.me" if private else "other.me", private=private)
    assert outcome(checks, part.target, "dns web") == f"Route 53 has no public zone for {WEB}"


def test_the_zone_with_the_longest_name_counts(account: Account) -> None:
    named = Named(account()).own()
    named.part.zone(WEB)
    assert named.said() == f"{WEB} has no A record yet"


def test_external_dns_cannot_record_an_owner_for_a_zones_own_name(account: Account) -> None:
    part = account("prod")
    address, zone = part.address(part.load_balancer()), part.zone()
    for host in part.target.environment.web.hosts:
        part.alias(zone, host, address, "A")
        if host != "mosaiclife.me":
            part.owner(zone, f"cname-{host}", CLUSTER)
    said = outcome(checks, part.target, "dns web")
    assert said.startswith("caution: mosaiclife.me, frontend.mosaiclife.me to ")
    assert "external-dns cannot mark the records of mosaiclife.me as its own" in said


def test_with_a_dotted_prefix_a_zones_own_name_can_have_an_owner(account: Account) -> None:
    part = account("prod")
    settings = ExternalDns(txt_prefix="%{record_type}-owner.")
    object.__setattr__(part.target, "shared", part.target.shared.model_copy(update={"external_dns": settings}))
    address, zone = part.address(part.load_balancer()), part.zone()
    for host in part.target.environment.web.hosts:
        part.alias(zone, host, address, "A")
        part.owner(zone, f"cname-owner.{host}", CLUSTER)
    assert outcome(checks, part.target, "dns web").startswith("right")


def test_a_paused_environment_has_no_record(account: Account) -> None:
    part = account(paused=True)
    zone = part.zone()
    part.alias(zone, "api.mosaiclife.me", "k8s.example.com", "A")
    part.owner(zone, "cname-api.mosaiclife.me", CLUSTER)
    assert outcome(checks, part.target, "paused dns web") == f"right: {WEB}: no record of {CLUSTER}"


def test_records_left_by_a_paused_environment_are_reported(account: Account) -> None:
    named = Named(account(paused=True)).own()
    assert {*named.said("paused dns web").removesuffix(" are left").split(", ")} == {
        f"the A record {WEB}",
        f"the AAAA record {WEB}",
        f"the TXT record cname-{WEB}",
        f"the TXT record aaaa-{WEB}",
    }
    for kind in ("A", "AAAA"):
        named.delete(WEB, kind)
    named.delete(f"aaaa-{WEB}", "TXT")
    assert named.said("paused dns web") == f"the TXT record cname-{WEB} is left"


def test_another_owners_record_is_not_a_paused_environments_leftover(account: Account) -> None:
    assert Named(account(paused=True)).own("another").said("paused dns web").startswith("right")
