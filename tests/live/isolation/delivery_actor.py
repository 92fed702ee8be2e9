"""A delivery role that attempts something with its own credentials, and what AWS must refuse to it."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

import boto3

from local.aws.github_tokens import workflow_token
from local.state import Cloud
from tests.account import SHARED
from tests.live.isolation.object_access import PROBE, forget
from tests.live.isolation.tenant import Tenant, assume, outcome

# How a workflow's token describes the job that may assume a role.
CONTEXTS = {"plan": f"ref:refs/heads/{SHARED.default_branch}", "deploy": "environment:{name}"}


@dataclass(frozen=True)
class Actor:
    """A delivery role of one environment as its workflow holds it, and its target."""

    own: Tenant
    other: Tenant
    kind: str
    session: boto3.Session = field(repr=False)
    # Cached, because creating one takes longer than most calls.
    _clients: dict[str, Any] = field(default_factory=dict, repr=False)

    @property
    def role(self) -> str:
        """The role's name."""
        return self.own.names.plan_role if self.kind == "plan" else self.own.names.deploy_role

    def client(self, service: str) -> Any:  # noqa: ANN401 each service has a class of its own
        """Return a client of an AWS API with the role's credentials."""
        if service not in self._clients:
            self._clients[service] = self.session.client(
                service,  # type: ignore[call-overload]
                endpoint_url=self.own.project.variables["AWS_ENDPOINT_URL"],
            )
        return self._clients[service]

    def administrator(self, service: str) -> Any:  # noqa: ANN401 likewise
        """Return a client with which an administrator prepares an attempt and restores everything."""
        return self.own.project.client(service)

    @property
    def s3(self) -> Any:  # noqa: ANN401 likewise
        """S3 as the role."""
        return self.client("s3")

    @property
    def iam(self) -> Any:  # noqa: ANN401 likewise
        """IAM as the role."""
        return self.client("iam")

    @property
    def secrets(self) -> Any:  # noqa: ANN401 likewise
        """Secrets Manager as the role."""
        return self.client("secretsmanager")


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """One call that AWS must refuse.

    what: the attempt in words. environment, kind: whose role attempts it. kept_by: the Sids of the denials that each
    stop it alone; none if the role only lacks the permission. undo: reverts the attempt if it succeeded.
    """

    what: str
    environment: str
    kind: str
    call: Callable[[Actor], object]
    kept_by: tuple[str, ...] = ()
    undo: Callable[[Actor], object] = lambda _: None

    @property
    def name(self) -> str:
        """The role's environment and kind, and the attempt."""
        return f"{self.environment} {self.kind}: {self.what}"


def not_refused(tenants: Mapping[str, Tenant], cloud: Cloud, attempts: Sequence[Attempt]) -> list[str]:
    """Return the names of the attempts that AWS does not refuse for lack of permission."""
    actors: dict[tuple[str, str], Actor] = {}
    found = []
    with ExitStack() as planted:
        for tenant in tenants.values():
            planted.enter_context(_probes(tenant))
        for attempt in attempts:
            key = (attempt.environment, attempt.kind)
            actor = actors.setdefault(key, actors.get(key) or actor_of(tenants, cloud, *key))
            if outcome(attempt.call, actor) != "refused":
                found.append(attempt.name)
                attempt.undo(actor)
    return found


def actor_of(tenants: Mapping[str, Tenant], cloud: Cloud, environment: str, kind: str) -> Actor:
    """Assume the environment's role of this kind, as its own workflow does."""
    own = tenants[environment]
    (other,) = (tenant for name, tenant in tenants.items() if name != environment)
    name = own.names.plan_role if kind == "plan" else own.names.deploy_role
    subject = f"repo:{SHARED.repository}:{CONTEXTS[kind].format(name=environment)}"
    held = workflow_token(cloud.state, subject)
    return Actor(own, other, kind, assume(own.project, f"arn:aws:iam::{SHARED.account}:role/{name}", held))


@contextmanager
def _probes(tenant: Tenant) -> Iterator[None]:
    """Put an expendable object into each of the environment's buckets."""
    buckets = (*tenant.buckets, tenant.names.state_bucket)
    try:
        for bucket in buckets:
            tenant.project.client("s3").put_object(Bucket=bucket, Key=PROBE, Body=b"planted")
        yield
    finally:
        for bucket in buckets:
            forget(tenant, bucket)


def planted_version(actor: Actor, bucket: str) -> dict[str, str]:
    """Return the version of this bucket's planted object, as S3's calls name it."""
    found = actor.administrator("s3").list_object_versions(Bucket=bucket, Prefix=PROBE)["Versions"][0]
    return {"Bucket": bucket, "Key": PROBE, "VersionId": found["VersionId"]}


@contextmanager
def given_by_bucket(actor: Actor, bucket: str) -> Iterator[None]:
    """Let the bucket's own policy allow the role everything in it, as only an administrator can."""
    s3 = actor.administrator("s3")
    before = s3.get_bucket_policy(Bucket=bucket)["Policy"]
    policy = json.loads(before)
    policy["Statement"].append(
        {
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{SHARED.account}:role/{actor.role}"},
            "Action": "s3:*",
            "Resource": [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"],
        }
    )
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy))
    try:
        yield
    finally:
        s3.put_bucket_policy(Bucket=bucket, Policy=before)


@contextmanager
def given_by_secret(actor: Actor, path: str) -> Iterator[None]:
    """Let the secret's own policy allow the role everything."""
    secrets = actor.administrator("secretsmanager")
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{SHARED.account}:role/{actor.role}"},
        "Action": "secretsmanager:*",
        "Resource": "*",
    }
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    secrets.put_resource_policy(SecretId=path, ResourcePolicy=document)
    try:
        yield
    finally:
        secrets.delete_resource_policy(SecretId=path)
