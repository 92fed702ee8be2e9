"""The checks of ingresses, certificates and public hosts."""

import copy
from typing import Any

import pytest

from delivery.verification.public_hosts import certificate_problem, exposure_problems, ingress_problems
from environments.schema.certificate import Certificate, covers
from environments.schema.connection import Connection
from environments.schema.neighbour import Neighbour
from modules.model.selected_settings import SETTINGS, SHARED
from tests.delivery.verification.changes import Change, changed

WEB = SETTINGS.find("staging").web
LOAD_BALANCER = "alb.ingress.kubernetes.io/"
HOSTNAME = "external-dns.alpha.kubernetes.io/hostname"
INGRESS: dict[str, Any] = {
    "metadata": {
        "annotations": {
            f"{LOAD_BALANCER}group.name": SHARED.load_balancer_group,
            f"{LOAD_BALANCER}group.order": str(WEB.ingress_order),
            f"{LOAD_BALANCER}scheme": "internet-facing",
            f"{LOAD_BALANCER}healthcheck-path": "/",
            HOSTNAME: ",".join(WEB.hosts),
        }
    },
    "spec": {"ingressClassName": SHARED.ingress_class, "rules": [{"host": host} for host in WEB.hosts]},
}


@pytest.mark.parametrize(
    ("name", "host", "covered"),
    [
        ("*.mosaiclife.me", "stage.mosaiclife.me", True),
        ("*.mosaiclife.me", "STAGE.mosaiclife.me", True),
        ("*.mosaiclife.me", "mosaiclife.me", False),
        ("*.mosaiclife.me", "api.stage.mosaiclife.me", False),
        ("*.mosaiclife.me", "notmosaiclife.me", False),
        ("*.mosaiclife.me", ".mosaiclife.me", False),
        ("mosaiclife.me", "mosaiclife.me", True),
        ("mosaiclife.me", "stage.mosaiclife.me", False),
    ],
)
def test_a_wildcard_covers_exactly_one_label(name: str, host: str, covered: bool) -> None:  # noqa: FBT001 a table's column
    assert covers(name, host) is covered


def problems(ingress: dict[str, Any]) -> list[str]:
    return ingress_problems(
        ingress,
        hosts=WEB.hosts,
        ingress_class=SHARED.ingress_class,
        group=SHARED.load_balancer_group,
        order=WEB.ingress_order,
    )


def annotations(ingress: dict[str, Any]) -> dict[str, str]:
    found: dict[str, str] = ingress["metadata"]["annotations"]
    return found


def test_an_ingress_matching_the_settings_is_accepted() -> None:
    assert problems(INGRESS) == []


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda it: it["spec"]["rules"].append({"host": "mosaiclife.me"}), "mosaiclife.me"),
        (lambda it: it["spec"]["rules"].clear(), "hosts is []"),
        (lambda it: it["spec"].update(ingressClassName="nginx"), "nginx"),
        (lambda it: annotations(it).update({f"{LOAD_BALANCER}group.order": "10"}), "group.order is 10"),
        (lambda it: annotations(it).pop(f"{LOAD_BALANCER}group.name"), "group.name is None"),
        (lambda it: annotations(it).update({HOSTNAME: "other.mosaiclife.me"}), "other.mosaiclife.me"),
    ],
)
def test_a_differing_ingress_is_reported(change: Change, named: str) -> None:
    assert named in ", ".join(problems(changed(INGRESS, change)))


@pytest.mark.parametrize(
    "annotation", ["tags", "load-balancer-attributes", "ssl-policy", "inbound-cidrs", "listener-attributes.HTTPS-443"]
)
def test_an_annotation_for_the_shared_load_balancer_is_reported(annotation: str) -> None:
    ingress = changed(INGRESS, lambda it: annotations(it).update({f"{LOAD_BALANCER}{annotation}": "anything"}))
    assert problems(ingress) == [f"{LOAD_BALANCER}{annotation} affects the shared load balancer"]


def _problems_of_its_own(ingress: dict[str, Any]) -> list[str]:
    return ingress_problems(
        ingress,
        hosts=WEB.hosts,
        ingress_class=SHARED.ingress_class,
        group=SHARED.load_balancer_group,
        order=WEB.ingress_order,
        own={f"{LOAD_BALANCER}tags": "Project=MosaicLife"},
    )


@pytest.mark.parametrize(
    ("own", "said"),
    [
        ({"tags": "Project=MosaicLife"}, []),
        ({"tags": "Project=Other"}, [f"{LOAD_BALANCER}tags is Project=Other"]),
        ({}, [f"{LOAD_BALANCER}tags is None"]),
        (
            {"tags": "Project=MosaicLife", "ssl-policy": "anything"},
            [f"{LOAD_BALANCER}ssl-policy affects the whole load balancer"],
        ),
    ],
)
def test_an_own_load_balancer_has_its_own_annotations(own: dict[str, str], said: list[str]) -> None:
    ingress = copy.deepcopy(INGRESS)
    annotations(ingress).update({f"{LOAD_BALANCER}{name}": value for name, value in own.items()})
    assert _problems_of_its_own(ingress) == said


@pytest.mark.parametrize(
    ("settings", "changes", "problem"),
    [
        ({"domain": "a.example"}, {}, None),
        ({"arn": "arn:aws:acm:us-east-1:033691785857:certificate/1"}, {}, None),
        ({"domain": "*.a.example"}, {}, "certificate/1 is for a.example"),
        ({"arn": "arn:aws:acm:us-east-1:033691785857:certificate/2"}, {}, "certificate/1 is not arn:aws:acm:us-east-1"),
        ({"domain": "a.example"}, {"Status": "EXPIRED"}, "certificate/1 is EXPIRED"),
        ({"domain": "a.example"}, {"SubjectAlternativeNames": []}, "x.a.example, y.b.a.example not covered by a.exam"),
    ],
)
def test_hosts_are_judged_by_all_names_on_the_certificate(
    settings: dict[str, str], changes: dict[str, Any], problem: str | None
) -> None:
    certificate: Any = {
        "CertificateArn": "arn:aws:acm:us-east-1:033691785857:certificate/1",
        "DomainName": "a.example",
        "SubjectAlternativeNames": ["a.example", "*.a.example", "*.b.a.example"],
        "Status": "ISSUED",
        **changes,
    }
    hosts = ("a.example", "x.a.example", "y.b.a.example")
    found = certificate_problem(certificate, settings=Certificate.model_validate(settings), hosts=hosts)
    assert (problem in found) if found and problem else found == problem


SERVICE: dict[str, Any] = {"metadata": {"name": "web"}, "spec": {"type": "ClusterIP"}}


def test_the_applications_own_services_and_ingresses_are_accepted() -> None:
    assert exposure_problems([SERVICE], [{"metadata": {"name": "core-api"}}]) == []


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda it: it["metadata"].update(name="other"), "Service other should not exist"),
        (lambda it: it["spec"].update(type="LoadBalancer"), "Service web is a LoadBalancer"),
        (lambda it: it["spec"].update(type="NodePort"), "Service web is a NodePort"),
        (lambda it: it["spec"].update(externalIPs=["192.0.2.1"]), "Service web has the external address 192.0.2.1"),
    ],
)
def test_another_way_into_the_namespace_is_reported(change: Change, named: str) -> None:
    assert exposure_problems([changed(SERVICE, change)], []) == [named]


def test_an_unknown_ingress_is_reported() -> None:
    assert exposure_problems([], [{"metadata": {"name": "other"}}]) == ["Ingress other should not exist"]


def test_a_neighbours_service_and_public_ingress_are_accepted() -> None:
    def neighbour(*connections: Connection) -> Neighbour:
        return Neighbour(name="docs", labels={"app": "docs"}, connections=connections)

    def leading_to(*names: str) -> dict[str, Any]:
        paths = [{"path": "/", "backend": {"service": {"name": name}}} for name in names]
        return {"metadata": {"name": "docs"}, "spec": {"rules": [{"http": {"paths": paths}}]}}

    service = {"metadata": {"name": "docs"}, "spec": {"selector": {"app": "docs", "version": "1"}}}
    public = neighbour(Connection(direction="in", peer="load balancer", port=8080))
    ingress_is_unknown = ["Ingress docs should not exist"]
    assert exposure_problems([service], [], [neighbour()]) == []
    assert exposure_problems([service], [leading_to("docs")], [public]) == []
    assert exposure_problems([service], [leading_to("docs")], [neighbour()]) == ingress_is_unknown
    assert exposure_problems([service], [leading_to("docs", "web")], [public]) == ingress_is_unknown
    assert exposure_problems([service], [leading_to()], [public]) == ingress_is_unknown
    external = changed(service, lambda it: it["spec"].update(type="LoadBalancer"))
    assert exposure_problems([external], [], [public]) == ["Service docs is a LoadBalancer"]
