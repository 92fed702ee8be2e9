"""The text formats that settings accept, each checked where the value is written.

Every type here raises ``ValueError`` with the value, what is allowed and, if it is a service's rule, its source.
"""

import re
from decimal import Decimal
from ipaddress import IPv4Network
from typing import Annotated

from pydantic import AfterValidator, Field

_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_ENVIRONMENT_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
# 22 digits: the API server answers with 2^63 in thousandths.
_QUANTITY = re.compile(r"([0-9]{1,22}|[0-9]{0,18}\.[0-9]{1,9})(m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)?")
# A commit alone, or as the application's builds tag it: after the branch that it was built from.
_COMMIT = re.compile(r"((prod|staging)-)?[0-9a-f]{7,40}")
_RELEASE = re.compile(r"v?[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.]+)?")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")
_AWS_TAG = re.compile(r"[A-Za-z0-9 +=._:/@-]{1,256}")
_LABEL_VALUE = re.compile(r"[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?")
_LABEL_PREFIX = re.compile(r"(?=.{1,253}\Z)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*")
# What registries allow for each part; the first may be a host with a port.
_REPOSITORY = re.compile(r"([a-z0-9.-]+:[0-9]{1,5}/)?[a-z0-9]+([._-]+[a-z0-9]+)*(/[a-z0-9]+([._-]+[a-z0-9]+)*)*")
_COOKIE_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
_IDENTIFIER = re.compile(r"[a-z_][a-z0-9_]{0,62}")
_RDS_IDENTIFIER = re.compile(r"[a-z](-?[a-z0-9]){0,62}")
_SECRET_PATH = re.compile(r"[A-Za-z0-9/_+=.@-]{1,512}")
# They belong to the server itself; no environment may own or close them.
_SERVERS_OWN = {"postgres", "rdsadmin", "template0", "template1", "public"}

_SCALE = {
    "": Decimal(1),
    "m": Decimal("0.001"),
    **{suffix: Decimal(1000) ** power for power, suffix in enumerate(["k", "M", "G", "T", "P", "E"], start=1)},
    **{suffix: Decimal(1024) ** power for power, suffix in enumerate(["Ki", "Mi", "Gi", "Ti", "Pi", "Ei"], start=1)},
}
# The API server caps larger values to this, and rounds finer ones up to the next multiple.
_QUANTITIES_END = Decimal(2) ** 63
_FINEST = Decimal("0.001")


def parse_quantity(value: str) -> Decimal:
    """Return a Kubernetes quantity as a number of base units (cores, bytes or a count).

    Inputs: decimal digits (22 at most, or 18 before and 9 after a point) with an optional suffix: m, k M G T P E
    (powers of 1000) or Ki Mi Gi Ti Pi Ei (of 1024). Raises ValueError for anything else.
    Source: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
    """
    match = _QUANTITY.fullmatch(value)
    if match is None:
        raise ValueError(f"{value!r} is not a Kubernetes quantity; allowed: 250m, 1, 0.5, 512Mi, 1Gi and the like")
    return Decimal(match[1]) * _SCALE[match[2] or ""]


def _quantity(value: str) -> str:
    amount = parse_quantity(value)
    if not 0 < amount < _QUANTITIES_END:
        raise ValueError(f"{value!r} is out of range; allowed: more than zero and less than 2^63 (8Ei)")
    # The API server rounds up, so every plan would show the written value as a change.
    if amount % _FINEST:
        raise ValueError(f"{value!r} is too fine for Kubernetes; allowed: whole multiples of 1m (0.001)")
    return value


def _memory(value: str) -> str:
    if parse_quantity(_quantity(value)) % 1:
        raise ValueError(f"{value!r} is not a whole number of bytes; allowed: 512Mi, 1.5Gi, 1000000 and the like")
    return value


def _aws_tag(value: str) -> str:
    if not _AWS_TAG.fullmatch(value):
        raise ValueError(
            f"{value!r} is not a tag value; allowed: 1 to 256 of A-Z a-z 0-9 space + - = . _ : / @ "
            "(https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html)"
        )
    return value


def _host(value: str) -> str:
    labels = value.split(".")
    if len(value) > 253 or len(labels) < 2 or not all(_LABEL.fullmatch(label) for label in labels):
        raise ValueError(
            f"{value!r} is not a host name; allowed: two or more labels of a-z, 0-9 and inner hyphens, "
            "each at most 63 characters, at most 253 in all (RFC 1123)"
        )
    return value


def _certificate_name(value: str) -> str:
    _host(value.removeprefix("*."))
    return value


def _environment_name(value: str) -> str:
    if not _ENVIRONMENT_NAME.fullmatch(value):
        raise ValueError(
            f"{value!r} is not an environment name; allowed: a-z first, then a-z, 0-9 and single inner hyphens"
        )
    return value


def _image_tag(value: str) -> str:
    if value == "latest":
        raise ValueError(
            f"{value!r} does not name a version; allowed: prod-<commit>, staging-<commit>, a commit, a release "
            "or a branch"
        )
    if not _TAG.fullmatch(value):
        raise ValueError(
            f"{value!r} is not an image tag; allowed: at most 128 of A-Z a-z 0-9 _ . and - (a digest goes into digest)"
        )
    return value


def _image_digest(value: str) -> str:
    if not _DIGEST.fullmatch(value):
        raise ValueError(f"{value!r} is not an image digest; allowed: sha256:<64 hex digits>")
    return value


def _image_repository(value: str) -> str:
    if not _REPOSITORY.fullmatch(value):
        raise ValueError(
            f"{value!r} is not the repository of an image; allowed: names of a-z and 0-9 joined by / . _ and -, with "
            "neither tag nor digest, such as tvanro/prerender-alpine"
        )
    return value


def _cookie_name(value: str) -> str:
    if not _COOKIE_NAME.fullmatch(value):
        raise ValueError(f"{value!r} is not a cookie name; allowed: 1 to 64 of A-Z a-z 0-9 _ and -")
    return value


def _cookie_domain(value: str) -> str:
    if not value.startswith("."):
        raise ValueError(f"{value!r} is not a cookie domain; allowed: a dot and a host name, such as .example.com")
    _host(value[1:])
    return value


def _ipv4_network(value: str) -> str:
    try:
        IPv4Network(value)
    except ValueError as error:
        raise ValueError(
            f"{value!r} is not an IPv4 network ({error}); allowed: its first address and a prefix, such as 10.0.0.0/16"
        ) from None
    return value


def _database_name(value: str) -> str:
    if value in _SERVERS_OWN or value.startswith(("pg_", "rds")):
        raise ValueError(f"{value!r} is reserved by the server; allowed: any other name, such as core_staging")
    if not _IDENTIFIER.fullmatch(value):
        raise ValueError(
            f"{value!r} is not a PostgreSQL identifier; allowed: a-z or _ first, then a-z, 0-9 and _, "
            "at most 63 characters (https://www.postgresql.org/docs/current/sql-syntax-lexical.html)"
        )
    return value


def _rds_identifier(value: str) -> str:
    if not _RDS_IDENTIFIER.fullmatch(value):
        raise ValueError(
            f"{value!r} is not the identifier of a database server; allowed: a-z first, then a-z, 0-9 and single inner "
            "hyphens, at most 63 characters, such as mosaic-prod-db; neither an ARN nor a host name"
        )
    return value


def _secret_path(value: str) -> str:
    if not _SECRET_PATH.fullmatch(value):
        raise ValueError(
            f"{value!r} is not the path of a secret; allowed: 1 to 512 of A-Z a-z 0-9 / _ + = . @ -, "
            "such as mosaic/prod/rds/credentials "
            "(https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html)"
        )
    return value


def _label_key(value: str) -> str:
    prefix, slash, name = value.rpartition("/")
    if not _LABEL_VALUE.fullmatch(name) or (slash and not _LABEL_PREFIX.fullmatch(prefix)):
        raise ValueError(
            f"{value!r} is not a label key; allowed: 1 to 63 of A-Z a-z 0-9 - _ . with a letter or digit at both "
            "ends, optionally after a domain and a slash, such as app.kubernetes.io/name "
            "(https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/)"
        )
    return value


def _label_value(value: str) -> str:
    if not _LABEL_VALUE.fullmatch(value):
        raise ValueError(
            f"{value!r} is not a label value; allowed: 1 to 63 of A-Z a-z 0-9 - _ . with a letter or digit at both ends"
        )
    return value


# The tags that name one build permanently, as a pattern.
IMMUTABLE_TAG = f"({_COMMIT.pattern}|{_RELEASE.pattern})"


def is_immutable(tag: str) -> bool:
    """Whether a tag permanently names one build: a commit (7 to 40 digits), prod-COMMIT, staging-COMMIT, a release."""
    return any(form.fullmatch(tag) for form in (_COMMIT, _RELEASE))


KubernetesName = Annotated[str, Field(pattern=r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$")]
LabelKey = Annotated[str, AfterValidator(_label_key)]
LabelValue = Annotated[str, AfterValidator(_label_value)]
Quantity = Annotated[str, AfterValidator(_quantity)]
Memory = Annotated[str, AfterValidator(_memory)]
AwsTag = Annotated[str, AfterValidator(_aws_tag)]
Host = Annotated[str, AfterValidator(_host)]
CertificateName = Annotated[str, AfterValidator(_certificate_name)]
EnvironmentName = Annotated[str, AfterValidator(_environment_name)]
ImageTag = Annotated[str, AfterValidator(_image_tag)]
ImageRepository = Annotated[str, AfterValidator(_image_repository)]
ImageDigest = Annotated[str, AfterValidator(_image_digest)]
CookieName = Annotated[str, AfterValidator(_cookie_name)]
CookieDomain = Annotated[str, AfterValidator(_cookie_domain)]
Network = Annotated[str, AfterValidator(_ipv4_network)]
DatabaseName = Annotated[str, AfterValidator(_database_name)]
RdsIdentifier = Annotated[str, AfterValidator(_rds_identifier)]
SecretPath = Annotated[str, AfterValidator(_secret_path)]
Version = Annotated[int, Field(ge=1, le=2**31 - 1, description="goes up by one to make and distribute a new value")]
