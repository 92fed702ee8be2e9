"""doctor's rows about the load balancer and DNS, in accounts with and without existing ones."""

import pytest

from delivery.doctor import dns, load_balancer
from delivery.doctor.examination import Examination
from delivery.doctor.finding import Finding, Mark, perform
from environments.schema.external_dns import ExternalDns
from tests.delivery.conftest import Account
from tests.delivery.controllers_part import ControllersPart

WEB, API = "stage.mosaiclife.me", "stage-api.mosaiclife.me"
CLUSTER = "mosaiclife-eks"


def found(part: ControllersPart, name: str) -> Finding:
    part.target.__dict__["cluster"] = {"name": CLUSTER}
    examination = Examination(part.target, variables={})
    facts = [*load_balancer.facts(examination), *dns.facts(examination)]
    (fact,) = (fact for fact in facts if fact.name == name)
    return perform(fact).finding


def test_without_any_load_balancer_the_order_for_a_new_account_is_explained(account: Account) -> None:
    part = account()
    part.load_balancer("theirs", cluster="another")
    it = found(part, "load balancer")
    assert (it.mark, it.found) == (Mark.IN_THE_WAY, "none of that group or any other")
    assert it.remedy == (
        "the controller creates it for the first ingress of group mosaic-life-main: the owner of production deploys "
        'its ingresses first; or alb="own" in environments/staging.py'
    )


def test_the_existing_groups_are_listed(account: Account) -> None:
    part = account()
    part.load_balancer(group="docs")
    it = found(part, "load balancer")
    assert (it.mark, it.found) == (
        Mark.IN_THE_WAY,
        "none of that group, and the controller creates one only with the group's first ingress; other groups: docs",
    )
    assert it.remedy == 'load_balancer_group="docs" in environments/shared.py or alb="own" in environments/staging.py'


def test_an_internal_load_balancer_is_an_obstacle(account: Account) -> None:
    part = account()
    part.load_balancer(internal=True)
    assert found(part, "load balancer").found == "shared is internal, application, in 2 subnets"


def test_a_load_balancer_of_the_group_is_ok(account: Account) -> None:
    part = account()
    part.load_balancer()
    it = found(part, "load balancer")
    assert (it.mark, it.found) == (Mark.OK, "shared in 2 subnets")


def test_a_public_zone_is_ok(account: Account) -> None:
    part = account()
    zone = part.zone().rpartition("/")[2]
    part.zone(private=True)
    it = found(part, "hosted zone")
    assert (it.mark, it.found) == (Mark.OK, f"mosaiclife.me ({zone})")


def test_a_missing_zone_is_noted_with_the_existing_ones(account: Account) -> None:
    part = account()
    part.zone("example.com")
    it = found(part, "hosted zone")
    assert (it.mark, it.found) == (Mark.NOTE, f"none for {WEB}, {API}; public zones in Route 53: example.com")
    assert it.remedy.startswith("aws route53 create-hosted-zone --name mosaiclife.me ")
    records = found(part, "DNS records")
    assert (records.mark, records.found) == (Mark.NOT_SEEN, f"there is no public zone for {WEB}")


def test_two_zones_with_the_same_name_are_noted(account: Account) -> None:
    part = account()
    zones = [part.zone(), part.zone("mosaiclife.me.")]
    it = found(part, "hosted zone")
    assert it.mark is Mark.NOTE
    assert all(zone.rpartition("/")[2] in it.found for zone in zones)


def test_no_record_yet_is_ok(account: Account) -> None:
    part = account()
    part.zone()
    it = found(part, "DNS records")
    assert (it.mark, it.found) == (Mark.OK, "none yet")


def records(part: ControllersPart, **owners: str | None) -> None:
    zone = part.zone()
    for host, owner in zip((WEB, API), owners.values(), strict=False):
        part.alias(zone, host, "lb.example.com", "A")
        if owner:
            part.owner(zone, f"cname-{host}", owner)


def test_records_of_the_cluster_are_ok(account: Account) -> None:
    part = account()
    records(part, web=CLUSTER)
    it = found(part, "DNS records")
    assert (it.mark, it.found) == (Mark.OK, f"{WEB} of {CLUSTER}")


def test_records_of_another_owner_are_noted_with_the_setting_for_it(account: Account) -> None:
    part = account()
    records(part, web="default", api="default")
    it = found(part, "DNS records")
    assert it.mark is Mark.NOTE
    assert it.found == (
        f"{WEB} has records owned by default; {API} has records owned by default: external-dns does not change them"
    )
    assert it.remedy == 'external_dns=ExternalDns(owner="default") in environments/shared.py'
    shared = part.target.shared.model_copy(update={"external_dns": ExternalDns(owner="default")})
    object.__setattr__(part.target, "shared", shared)
    assert found(part, "DNS records").mark is Mark.OK


@pytest.mark.parametrize("owners", [{"web": None}, {"web": "one", "api": "two"}])
def test_records_without_an_owner_or_with_several_are_noted(account: Account, owners: dict[str, str | None]) -> None:
    part = account()
    records(part, **owners)
    it = found(part, "DNS records")
    assert it.mark is Mark.NOTE
    assert ("has records owned by nobody" in it.found) is (None in owners.values())
    assert it.remedy.startswith("delete them where the load balancer should answer")


def test_a_record_whose_owner_cannot_be_recorded_is_noted(account: Account) -> None:
    part = account("prod")
    part.alias(part.zone(), "mosaiclife.me", "lb.example.com", "A")
    it = found(part, "DNS records")
    assert it.mark is Mark.NOTE
    assert it.found.startswith("mosaiclife.me has records of an unknown owner")
    assert "--txt-prefix" in it.remedy
