"""All facts, and how to read them."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

from delivery.doctor import (
    account,
    admission,
    adoption_cost,
    argocd,
    bootstrap,
    certificate,
    cluster,
    cluster_parts,
    database_server,
    dns,
    github,
    images,
    ingress_group,
    load_balancer,
    moved_hosts,
    objects,
    secrets,
    vpc_endpoints,
)
from delivery.doctor.examination import Examination
from delivery.doctor.finding import Fact, Row, perform

# In the order of the table.
_SUBJECTS = (
    account,
    cluster,
    cluster_parts,
    vpc_endpoints,
    load_balancer,
    ingress_group,
    moved_hosts,
    dns,
    certificate,
    database_server,
    github,
    bootstrap,
    admission,
    objects,
    adoption_cost,
    secrets,
    argocd,
    images,
)
# Reading a fact is mostly waiting for AWS.
_AT_ONCE = 8


def facts(examination: Examination) -> Iterator[Fact]:
    """Every fact of the environment; for a quick examination only the quick ones."""
    for subject in _SUBJECTS:
        yield from (fact for fact in subject.facts(examination) if fact.quick or not examination.quick)


def read(examination: Examination, chosen: Sequence[Fact]) -> list[Row]:
    """Read facts in parallel and return them in order. Changes nothing."""
    _connect(examination)
    with ThreadPoolExecutor(max_workers=_AT_ONCE) as pool:
        rows = list(pool.map(perform, chosen))
    # Only after all reads are all secret values known.
    return [row.cleaned(examination.target.redaction) for row in rows]


def _connect(examination: Examination) -> None:
    """Create the clients before starting threads: boto3's session is not thread-safe."""
    target = examination.target
    clients = (target.s3, target.iam, target.acm, target.elbv2, target.ec2, target.eks, target.secrets_manager)
    for client in (*clients, target.route53):
        assert client is not None  # noqa: S101 reading the property makes the client
