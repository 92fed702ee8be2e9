"""The TLS certificate of the public hosts, and which hosts its names cover."""

import re
from collections.abc import Iterable
from typing import Annotated

from pydantic import AfterValidator, model_validator

from environments.schema.base import Settings
from environments.schema.formats import CertificateName

_ARN = re.compile(r"arn:aws[a-z-]*:acm:[a-z0-9-]+:[0-9]{12}:certificate/[A-Za-z0-9-]{1,64}")


def _arn(value: str) -> str:
    if not _ARN.fullmatch(value):
        raise ValueError(
            f"{value!r} is not the ARN of a certificate; allowed: arn:aws:acm:REGION:ACCOUNT:certificate/ID"
        )
    return value


class Certificate(Settings):
    """A certificate in ACM, found either by its primary domain or by its ARN.

    domain: the certificate's first name, such as ``*.example.com`` or ``example.com``; the newest issued one counts.
    arn: for when several certificates have that domain, or to avoid the lookup. names: further names on it, besides
    ``domain``, the account's domain and one label below that; a plan, `make verify` and `make doctor` look at the names
    that are really there.
    """

    domain: CertificateName | None = None
    arn: Annotated[str, AfterValidator(_arn)] | None = None
    names: tuple[CertificateName, ...] = ()

    @model_validator(mode="after")
    def _is_found_by_one(self) -> "Certificate":
        if (self.domain is None) == (self.arn is None):
            raise ValueError(
                f"domain {self.domain!r} and arn {self.arn!r}; allowed: one of the two, domain='*.example.com' or "
                "arn='arn:aws:acm:REGION:ACCOUNT:certificate/ID'"
            )
        return self

    @property
    def title(self) -> str:
        """How it is found, for a message."""
        return self.arn or f"an issued certificate whose primary domain is {self.domain}"


def covers(name: str, host: str) -> bool:
    """Whether a certificate's name covers this host; a wildcard stands for exactly one label (RFC 6125, 6.4.3)."""
    name, host = name.lower(), host.lower()
    if name.startswith("*."):
        label, _, parent = host.partition(".")
        return bool(label) and parent == name[2:]
    return name == host


def uncovered(hosts: Iterable[str], names: Iterable[str]) -> list[str]:
    """The hosts that no name of a certificate covers."""
    names = list(names)
    return [host for host in hosts if not any(covers(name, host) for name in names)]
