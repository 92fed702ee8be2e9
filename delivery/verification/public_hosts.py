"""Checks that the public hosts are those of the settings, covered by the certificate, and answer."""

import ssl
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from functools import partial
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError
from lightkube.resources.core_v1 import Service
from lightkube.resources.networking_v1 import Ingress

from delivery.account.error import CheckError
from delivery.account.kubernetes_namespace import Manifest
from delivery.account.target import Target
from delivery.verification.check import Check
from delivery.verification.https_answer import answers
from environments.applications import CORE_API, WEB
from environments.schema.certificate import Certificate, uncovered
from environments.schema.contract import Application
from environments.schema.neighbour import Neighbour, selects
from environments.schema.settings import Workload
from modules.model.cloud_selection import local_front_door
from modules.model.kubernetes.ingress_annotations import own_load_balancer_annotations
from modules.model.names import load_balancer_group
from modules.model.tags import aws_tags

if TYPE_CHECKING:
    from mypy_boto3_acm.type_defs import CertificateDetailTypeDef

_LOAD_BALANCER = "alb.ingress.kubernetes.io/"
_DNS = "external-dns.alpha.kubernetes.io/hostname"
# The annotations that an ingress of a group may set: its position, everything about its own rules and targets, and the
# few that are the same throughout the group. All others change the load balancer that every environment shares.
# https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/ingress/annotations/
_OWN = (
    "group.",
    "target-",
    "backend-",
    "healthcheck-",
    "healthy-",
    "unhealthy-",
    "success-codes",
    "auth-",
    "actions.",
    "conditions.",
)
_SAME_IN_GROUP = {"scheme", "listen-ports", "ssl-redirect", "certificate-arn"}


def checks(target: Target) -> Iterator[Check]:
    """Check each application's ingress and certificate, and send an HTTPS request to each host."""
    if target.environment.paused:
        return
    group = load_balancer_group(target.environment, target.shared)
    own = target.environment.alb == "own"
    for application, workload in ((WEB, target.environment.web), (CORE_API, target.environment.core_api)):
        hosts = ", ".join(workload.hosts)
        look = f"kubectl -n {target.names.namespace} get ingress {application.name} -o yaml"
        yield Check(
            name=f"ingress {application.name}",
            run=partial(_ingress, target, application, workload),
            expected=f"{hosts} in group {group}, order {workload.ingress_order}, "
            + ("its own load balancer's tags" if own else "nothing set on the shared load balancer"),
            look=look,
        )
        yield Check(
            name=f"certificate {application.name}",
            run=partial(_certificate, target, application, workload),
            expected=f"{target.shared.certificate.title}, issued, with names that cover {hosts}",
            look=f"{look}; aws acm describe-certificate",
        )
        for host in workload.hosts:
            url = f"https://{host}{application.health_check.path}"
            yield Check(
                name=f"https {host}",
                run=partial(_answers, target, url),
                expected=f"200 from {url}, with a certificate of that name",
                look="python -m local logs front-door"
                if target.local
                else "the target group's health, and the DNS record that external-dns creates",
                waits=True,
            )
    yield Check(
        name="exposure",
        run=partial(_exposure, target),
        expected="no other Service or Ingress, and Services that only the cluster reaches",
        look=f"kubectl -n {target.names.namespace} get services,ingresses",
    )


def _ingress(target: Target, application: Application, workload: Workload) -> str:
    ingress = target.namespace.read(Ingress, application.name)
    environment, shared = target.environment, target.shared
    problems = ingress_problems(
        ingress,
        hosts=workload.hosts,
        ingress_class=shared.ingress_class,
        group=load_balancer_group(environment, shared),
        order=workload.ingress_order,
        own=own_load_balancer_annotations(aws_tags(environment, shared)) if environment.alb == "own" else {},
    )
    if problems:
        raise CheckError(", ".join(problems))
    return f"{', '.join(workload.hosts)}, order {workload.ingress_order}"


def ingress_problems(
    ingress: Manifest,
    *,
    hosts: Iterable[str],
    ingress_class: str,
    group: str,
    order: int,
    own: Mapping[str, str] | None = None,
) -> list[str]:
    """How an ingress differs from leading exactly these hosts through the group and changing nothing else.

    own: the annotations of a load balancer of its own; empty if the load balancer is shared.
    """
    own = own or {}
    annotations: Mapping[str, str] = ingress["metadata"].get("annotations", {})
    found = {
        "hosts": [rule.get("host") for rule in ingress["spec"].get("rules", [])],
        "class": ingress["spec"].get("ingressClassName"),
        f"{_LOAD_BALANCER}group.name": annotations.get(f"{_LOAD_BALANCER}group.name"),
        f"{_LOAD_BALANCER}group.order": annotations.get(f"{_LOAD_BALANCER}group.order"),
        _DNS: annotations.get(_DNS),
        **{name: annotations.get(name) for name in own},
    }
    wanted = {
        "hosts": list(hosts),
        "class": ingress_class,
        f"{_LOAD_BALANCER}group.name": group,
        f"{_LOAD_BALANCER}group.order": str(order),
        _DNS: ",".join(hosts),
        **own,
    }
    return [f"{part} is {value}" for part, value in found.items() if value != wanted[part]] + [
        f"{name} affects the {'whole' if own else 'shared'} load balancer"
        for name in sorted(annotations)
        if name not in own and _is_shared(name)
    ]


def _is_shared(annotation: str) -> bool:
    name = annotation.removeprefix(_LOAD_BALANCER)
    return name != annotation and not name.startswith(_OWN) and name not in _SAME_IN_GROUP


def _exposure(target: Target) -> str:
    neighbours = target.environment.neighbours
    services, ingresses = target.namespace.read_all(Service), target.namespace.read_all(Ingress)
    problems = exposure_problems(services, ingresses, neighbours)
    if problems:
        raise CheckError(", ".join(problems))
    others = "".join(f" and neighbour {neighbour.name}'s" for neighbour in neighbours if _is_public(neighbour))
    return f"only the two applications'{others} ingresses lead into the namespace"


def exposure_problems(
    services: Iterable[Manifest], ingresses: Iterable[Manifest], neighbours: Sequence[Neighbour] = ()
) -> list[str]:
    """What leads into the namespace besides the applications' ingresses: objects that Terraform does not know.

    Neighbours may have Services, and those that the load balancer may reach may have ingresses.
    """
    own, services = {WEB.name, CORE_API.name}, list(services)
    known = {"Service": own | _services(services, neighbours), "Ingress": own}
    public = _services(services, [neighbour for neighbour in neighbours if _is_public(neighbour)])
    problems = [
        f"{kind} {item['metadata']['name']} should not exist"
        for kind, items in (("Service", services), ("Ingress", ingresses))
        for item in items
        if item["metadata"]["name"] not in known[kind] and not (kind == "Ingress" and _leads_to(item, public))
    ]
    for name, spec in ((item["metadata"]["name"], item["spec"]) for item in services):
        if spec.get("type", "ClusterIP") != "ClusterIP":
            problems.append(f"Service {name} is a {spec['type']}")
        problems += [f"Service {name} has the external address {address}" for address in spec.get("externalIPs", [])]
    return problems


def _services(services: Iterable[Manifest], neighbours: Sequence[Neighbour]) -> set[str]:
    """The names of the Services that select neighbours' pods."""
    return {
        service["metadata"]["name"]
        for service in services
        if any(selects(neighbour.labels, service["spec"].get("selector", {})) for neighbour in neighbours)
    }


def _is_public(neighbour: Neighbour) -> bool:
    return any(connection.peer == "load balancer" for connection in neighbour.connections)


def _leads_to(ingress: Manifest, services: Set[str]) -> bool:
    """Whether an ingress leads to these Services only."""
    spec = ingress.get("spec", {})
    rules = [path["backend"] for rule in spec.get("rules", []) for path in rule.get("http", {}).get("paths", [])]
    backends = [*rules, *([spec["defaultBackend"]] if "defaultBackend" in spec else [])]
    return bool(backends) and all(backend.get("service", {}).get("name") in services for backend in backends)


def _certificate(target: Target, application: Application, workload: Workload) -> str:
    annotations = target.namespace.read(Ingress, application.name)["metadata"].get("annotations", {})
    arn = annotations.get(f"{_LOAD_BALANCER}certificate-arn")
    if not arn:
        raise CheckError("the ingress names no certificate")
    try:
        certificate = target.acm.describe_certificate(CertificateArn=arn)["Certificate"]
    except ClientError as error:
        if error.response["Error"]["Code"] in {"ResourceNotFoundException", "ValidationException"}:
            raise CheckError(f"the ingress names the certificate {arn}, which does not exist") from None
        raise
    problem = certificate_problem(certificate, settings=target.shared.certificate, hosts=workload.hosts)
    if problem:
        raise CheckError(problem)
    return f"{', '.join(sorted(_names(certificate)))}, issued"


def certificate_problem(
    certificate: "CertificateDetailTypeDef", *, settings: Certificate, hosts: Iterable[str]
) -> str | None:
    """How an ACM certificate differs from the settings, or does not cover these hosts; None if it is right."""
    arn, domain, status = certificate["CertificateArn"], certificate["DomainName"], certificate["Status"]
    if settings.arn not in (None, arn):
        return f"{arn} is not {settings.arn}"
    if settings.domain not in (None, domain):
        return f"{arn} is for {domain}"
    if status != "ISSUED":
        return f"{arn} is {status}"
    names = _names(certificate)
    missing = uncovered(hosts, names)
    return f"{', '.join(missing)} not covered by {', '.join(sorted(names))}" if missing else None


def _names(certificate: "CertificateDetailTypeDef") -> set[str]:
    return {certificate["DomainName"], *certificate.get("SubjectAlternativeNames", [])}


def _answers(target: Target, url: str) -> str:
    """Request the URL; on the local cloud, where no name server knows the host, through its front door."""
    if not target.local:
        return answers(url)
    host, port, authority = local_front_door()
    return answers(url, ssl.create_default_context(cafile=authority), place=(host, port))
