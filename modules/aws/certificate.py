"""The TLS certificate of the public hosts: found by domain and judged by all names on it, or named by its ARN."""

import base64
import json
from collections.abc import Iterable, Sequence

from cdktf import Postcondition, TerraformResourceLifecycle
from cdktf_cdktf_provider_aws.data_aws_acm_certificate import DataAwsAcmCertificate
from constructs import Construct

from environments.schema.certificate import Certificate as Settings

# In X.509 a name that a certificate is for is this tag, its length and its letters (RFC 5280, 4.2.1.6).
_DNS_NAME = b"\x82"


class Certificate(Construct):
    """An issued certificate in ACM.

    The certificate is found by its domain, and the plan fails unless its names cover every host. The check reads the
    certificate itself, because the data source does not return its alternative names. If the settings give an ARN
    instead, Terraform reads nothing and `make verify` checks the hosts.

    Args:
        settings: domain or ARN of the certificate.
        hosts: public host names that the certificate must cover.

    Attributes:
        arn: ARN of the certificate.

    """

    def __init__(self, scope: Construct, id_: str, *, settings: Settings, hosts: Sequence[str]) -> None:
        super().__init__(scope, id_)
        if settings.arn:
            self.arn = settings.arn
            return
        self.arn = DataAwsAcmCertificate(
            self,
            "resource",
            domain=settings.domain,
            statuses=["ISSUED"],
            most_recent=True,
            lifecycle=TerraformResourceLifecycle(
                postcondition=[
                    Postcondition(
                        condition=f"${{{_covers_all(hosts)}}}",
                        error_message=(
                            f"The certificate of {settings.domain} has no name for one of {', '.join(hosts)}: "
                            "${self.arn}. Allowed: hosts that a name on it covers, or another certificate "
                            "(certificate in environments/shared.py)."
                        ),
                    )
                ]
            ),
        ).arn


def _covers_all(hosts: Iterable[str]) -> str:
    """A condition: for each host, the certificate's text holds its name, or the wildcard one label above it."""
    parts = {
        host: [part for name in (host, f"*.{host.partition('.')[2]}") for part in encoded_name(name)] for host in hosts
    }
    listed = ", ".join(f"{json.dumps(host)} = {json.dumps(found)}" for host, found in parts.items())
    return (
        f"alltrue([for host, parts in {{{listed}}} : anytrue([for part in parts : "
        'strcontains(replace(self.certificate, "\\n", ""), part)])])'
    )


def encoded_name(name: str) -> list[str]:
    """What of a certificate's base64 text stands for this name on it and no other: one part for each way it can fall.

    Base64 writes three bytes as four letters, so a name looks different by where it begins among three.
    """
    data = _DNS_NAME + bytes([len(name)]) + name.encode()
    found = []
    for before in range(3):
        text = base64.b64encode(bytes(before) + data).decode()
        # Letters that hold bits of what stands before or after the name are no part of it.
        first, end = (0, 2, 3)[before], 8 * (before + len(data)) // 6
        found.append(text[first:end])
    return found
