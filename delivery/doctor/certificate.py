"""The certificate of the public hosts: which one a plan would find, its names and its expiry."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from delivery.account.error import AbsentError
from delivery.doctor.examination import Examination
from delivery.doctor.finding import Fact, Finding, Once, fine, in_the_way, note
from environments.schema.certificate import uncovered

if TYPE_CHECKING:
    from mypy_boto3_acm.type_defs import CertificateDetailTypeDef

_FILE = "environments/shared.py"
_WARNING = timedelta(days=30)
_ABSENT = {"ResourceNotFoundException", "ValidationException"}


def facts(examination: Examination) -> Iterator[Fact]:
    """It exists, covers the hosts, is the only one for its domain, and does not expire soon."""
    settings, hosts = examination.target.shared.certificate, examination.target.environment.hosts
    candidates = Once(lambda: _candidates(examination))
    yield Fact(name="certificate", settings=settings.title, read=lambda: _found(examination, candidates), quick=True)
    yield Fact(
        name="certificate's names",
        settings=f"cover {', '.join(hosts)}",
        read=lambda: _names(examination, candidates),
        quick=True,
    )
    if settings.domain:
        yield Fact(
            name="certificate's domain",
            settings=f"one of {settings.domain}",
            read=lambda: _alone(candidates),
            quick=True,
        )
    yield Fact(
        name="certificate's expiry",
        settings=f"not within {_WARNING.days} days",
        read=lambda: _expiry(candidates),
        quick=True,
    )


def _candidates(examination: Examination) -> "list[CertificateDetailTypeDef]":
    """The issued certificates that match the settings; the newest comes first and is the one in use."""
    acm, settings = examination.target.acm, examination.target.shared.certificate
    if settings.arn:
        try:
            found = [acm.describe_certificate(CertificateArn=settings.arn)["Certificate"]]
        except ClientError as error:
            if error.response["Error"]["Code"] not in _ABSENT:
                raise
            found = []
    else:
        arns = [row["CertificateArn"] for row in _issued(examination) if row["DomainName"] == settings.domain]
        found = [acm.describe_certificate(CertificateArn=arn)["Certificate"] for arn in arns]
    issued = [row for row in found if row["Status"] == "ISSUED"]
    return sorted(issued, key=lambda row: (row["NotBefore"], row["CertificateArn"]), reverse=True)


def _issued(examination: Examination) -> list[dict[str, str]]:
    pages = examination.target.acm.get_paginator("list_certificates").paginate(CertificateStatuses=["ISSUED"])
    return [
        {"CertificateArn": row["CertificateArn"], "DomainName": row["DomainName"]}
        for page in pages
        for row in page["CertificateSummaryList"]
    ]


def _chosen(candidates: "Once[list[CertificateDetailTypeDef]]") -> "CertificateDetailTypeDef":
    """The certificate in use. Raises AbsentError if there is none."""
    if not candidates():
        raise AbsentError("there is no certificate to look at")
    return candidates()[0]


def _found(examination: Examination, candidates: "Once[list[CertificateDetailTypeDef]]") -> Finding:
    if candidates():
        return fine(_chosen(candidates)["CertificateArn"])
    return in_the_way(f"none is issued in {examination.target.shared.region}", _fitting(examination))


def _fitting(examination: Examination) -> str:
    """The setting for an issued certificate that covers all hosts, or how to request one."""
    target, issued = examination.target, _issued(examination)
    for row in issued:
        certificate = target.acm.describe_certificate(CertificateArn=row["CertificateArn"])["Certificate"]
        if not uncovered(target.environment.hosts, _names_on(certificate)):
            same = [other for other in issued if other["DomainName"] == row["DomainName"]]
            key, value = ("domain", row["DomainName"]) if len(same) == 1 else ("arn", row["CertificateArn"])
            return f'certificate=Certificate({key}="{value}") in {_FILE}'
    domain = target.shared.domain
    return (
        f"aws acm request-certificate --region {target.shared.region} --domain-name {domain} "
        f"--subject-alternative-names '*.{domain}' --validation-method DNS"
    )


def _names(examination: Examination, candidates: "Once[list[CertificateDetailTypeDef]]") -> Finding:
    names = _names_on(_chosen(candidates))
    missing = uncovered(examination.target.environment.hosts, names)
    if not missing:
        return fine(", ".join(names))
    return in_the_way(f"{', '.join(missing)} not covered by {', '.join(names)}", _fitting(examination))


def _names_on(certificate: "CertificateDetailTypeDef") -> list[str]:
    return sorted({certificate["DomainName"], *certificate.get("SubjectAlternativeNames", [])})


def _alone(candidates: "Once[list[CertificateDetailTypeDef]]") -> Finding:
    arns = [row["CertificateArn"] for row in candidates()]
    if len(arns) < 2:
        return fine(f"{len(arns)}")
    return note(
        f"{len(arns)} are issued, and the newest is used: {', '.join(arns)}",
        f'certificate=Certificate(arn="{arns[0]}") in {_FILE}, to keep using that one',
    )


def _expiry(candidates: "Once[list[CertificateDetailTypeDef]]") -> Finding:
    certificate = _chosen(candidates)
    end = certificate["NotAfter"]
    if end - datetime.now(UTC) > _WARNING:
        return fine(f"{end:%Y-%m-%d}")
    arn = certificate["CertificateArn"]
    renewal = "renew it" if certificate.get("Type") == "IMPORTED" else "see why ACM has not renewed it"
    return note(f"{end:%Y-%m-%d}", f"{renewal}: aws acm describe-certificate --certificate-arn {arn}")
