"""Differences in other owners' objects on the load balancer and in DNS."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from lightkube.core.exceptions import ApiError
from lightkube.models.meta_v1 import ObjectMeta
from lightkube.models.networking_v1 import IngressRule, IngressSpec
from lightkube.resources.networking_v1 import Ingress

from delivery.doctor.finding import Mark
from modules.model.kubernetes.ingress_annotations import GROUP, TAGS
from tests.account import SHARED
from tests.delivery.doctor.difference import Difference
from tests.delivery.doctor.patient import STAGING, Patient
from tests.live.waiting import wait_until

_NAMES = ("doctor-one", "doctor-two")
_HOST = STAGING.web.hosts[0]


def _ingress(name: str, stage: str) -> Ingress:
    annotations = {GROUP: SHARED.load_balancer_group, TAGS: f"Environment={stage}"}
    # A host without a path only joins the group.
    return Ingress(
        metadata=ObjectMeta(name=name, namespace="default", annotations=annotations),
        spec=IngressSpec(ingressClassName=SHARED.ingress_class, rules=[IngressRule(host=f"{name}.example.com")]),
    )


@contextmanager
def contradicting_tags(patient: Patient) -> Iterator[None]:
    for name, stage in zip(_NAMES, ("one", "two"), strict=True):
        patient.kubernetes.create(_ingress(name, stage))
    try:
        yield
    finally:
        for name in _NAMES:
            patient.kubernetes.delete(Ingress, name, namespace="default")
        wait_until(lambda: not _left(patient), "the ingresses are gone")


def _left(patient: Patient) -> list[str]:
    """Return those that still exist, until the load balancer controller removes its finalizer."""
    found = []
    for name in _NAMES:
        try:
            patient.kubernetes.get(Ingress, name, namespace="default")
        except ApiError as error:
            if error.status.code != 404:
                raise
        else:
            found.append(name)
    return found


@contextmanager
def records_of(patient: Patient, owner: str) -> Iterator[None]:
    """A record for staging's host made by another owner's external-dns."""
    (zone,) = patient.aws.route53.list_hosted_zones()["HostedZones"]
    text = f'"heritage=external-dns,external-dns/owner={owner}"'
    records = [
        {"Name": _HOST, "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.1"}]},
        {"Name": f"cname-{_HOST}", "Type": "TXT", "TTL": 60, "ResourceRecords": [{"Value": text}]},
    ]

    def change(action: str) -> None:
        changes: list[Any] = [{"Action": action, "ResourceRecordSet": record} for record in records]
        patient.aws.route53.change_resource_record_sets(HostedZoneId=zone["Id"], ChangeBatch={"Changes": changes})

    change("CREATE")
    try:
        yield
    finally:
        change("DELETE")


DIFFERENCES = (
    Difference(
        id="tags that contradict each other",
        fact="load balancer's tags",
        change=contradicting_tags,
        remedy=f"kubectl -n default annotate ingress doctor-two {TAGS}-, and its owner removes it at its source",
    ),
    Difference(
        id="a DNS record of another owner",
        fact="DNS records",
        mark=Mark.NOTE,
        change=lambda patient: records_of(patient, "default"),
        remedy='external_dns=ExternalDns(owner="default") in environments/shared.py',
        cures=True,
    ),
)
