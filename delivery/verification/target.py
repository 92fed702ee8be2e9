"""What is verified: an environment's settings and names, and the real APIs to compare them with."""

import base64
import os
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from lightkube import ApiError, Client
from lightkube.core.resource import NamespacedResource
from lightkube.resources.core_v1 import Namespace, Secret

from delivery.cluster import connect
from delivery.verification.check import CheckError
from delivery.verification.redaction import Redaction
from environments.settings import Environment, Shared
from modules.names import Names

if TYPE_CHECKING:
    from mypy_boto3_acm import ACMClient
    from mypy_boto3_eks.type_defs import ClusterTypeDef
    from mypy_boto3_iam import IAMClient
    from mypy_boto3_rds.type_defs import EndpointTypeDef
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_secretsmanager import SecretsManagerClient

# A Kubernetes object as the API gives it.
Manifest = Mapping[str, Any]

CALLS = Config(connect_timeout=5, read_timeout=10, retries={"total_max_attempts": 2, "mode": "standard"})

# lightkube decodes by msgspec, which crashes the process when two threads meet a type for the first time at once.
_DECODING = threading.Lock()
# A boto3 session makes one client at a time; clients may then be used by all threads.
_CREATING = threading.Lock()


class TargetError(Exception):
    """The environment cannot be asked about at all: no credentials, another account's, no answer."""


@dataclass(frozen=True, kw_only=True)
class Target:
    """One environment and the APIs of the cloud that it runs on.

    local: it runs on the local cloud. session: whose credentials ask. redaction: what must not be printed.
    """

    environment: Environment
    shared: Shared
    names: Names
    local: bool
    session: boto3.Session
    redaction: Redaction = field(default_factory=Redaction)

    @classmethod
    def of(cls, environment: Environment, shared: Shared, variables: Mapping[str, str] = os.environ) -> "Target":
        """Return the environment where MOSAIC_CLOUD says that it runs. Raises TargetError."""
        cloud = variables.get("MOSAIC_CLOUD", "aws")
        endpoint = variables.get("AWS_ENDPOINT_URL")
        if cloud not in {"aws", "local"}:
            raise TargetError(f"MOSAIC_CLOUD is {cloud!r}; allowed: 'aws' (default) or 'local'")
        if (cloud == "local") != bool(endpoint):
            raise TargetError(
                f"MOSAIC_CLOUD is {cloud!r} and AWS_ENDPOINT_URL is {endpoint!r}; allowed: for AWS no endpoint, "
                'for the local cloud both: eval "$(make -s local-env)"'
            )
        try:
            session = boto3.Session(region_name=shared.region)
        except BotoCoreError as error:
            raise TargetError(f"AWS credentials: {error}; allowed: an existing AWS_PROFILE, or keys") from error
        return cls(
            environment=environment,
            shared=shared,
            names=Names.of(environment, shared),
            local=cloud == "local",
            session=session,
        )

    def caller(self) -> str:
        """Return the ARN of whoever asks. Raises TargetError where that is nobody, or in another account."""
        try:
            identity = self.session.client("sts", config=CALLS).get_caller_identity()
        except (BotoCoreError, ClientError) as error:
            hint = (
                'the local cloud must run: make local-up && eval "$(make -s local-env)"'
                if self.local
                else f"log in to account {self.shared.account}, by AWS_PROFILE or keys"
            )
            raise TargetError(f"AWS does not say who asks: {error}; allowed: {hint}") from error
        if identity["Account"] != self.shared.account:
            raise TargetError(
                f"the credentials are {identity['Arn']} of account {identity['Account']}; "
                f"allowed: account {self.shared.account} (environments/shared.py)"
            )
        return identity["Arn"]

    @cached_property
    def s3(self) -> "S3Client":
        """Buckets."""
        with _CREATING:
            return self.session.client("s3", config=CALLS)

    @cached_property
    def iam(self) -> "IAMClient":
        """Roles."""
        with _CREATING:
            return self.session.client("iam", config=CALLS)

    @cached_property
    def acm(self) -> "ACMClient":
        """Certificates."""
        with _CREATING:
            return self.session.client("acm", config=CALLS)

    @cached_property
    def secrets_manager(self) -> "SecretsManagerClient":
        """Secrets."""
        with _CREATING:
            return self.session.client("secretsmanager", config=CALLS)

    @cached_property
    def cluster(self) -> "ClusterTypeDef":
        """The EKS cluster."""
        with _CREATING:
            eks = self.session.client("eks", config=CALLS)
        return eks.describe_cluster(name=self.shared.cluster)["cluster"]

    @cached_property
    def rds_endpoint(self) -> "EndpointTypeDef":
        """The address and port of the RDS instance."""
        with _CREATING:
            rds = self.session.client("rds", config=CALLS)
        answer = rds.describe_db_instances(DBInstanceIdentifier=self.shared.rds_instance)
        return answer["DBInstances"][0]["Endpoint"]

    @cached_property
    def kubernetes(self) -> Client:
        """The cluster's API server."""
        cluster = self.cluster
        with _CREATING:
            return connect(self.session, cluster)

    def read(self, kind: type[NamespacedResource], name: str) -> Manifest:
        """Return an object of the environment's namespace. Raises CheckError where there is none."""
        try:
            with _DECODING:
                return _manifest(self.kubernetes.get(kind, name, namespace=self.names.namespace))
        except ApiError as error:
            if error.status.code == 404:
                raise CheckError(f"there is no {kind.__name__} {name}") from None
            raise

    def read_namespace(self) -> Manifest:
        """Return the environment's namespace. Raises CheckError where there is none."""
        try:
            with _DECODING:
                return _manifest(self.kubernetes.get(Namespace, self.names.namespace))
        except ApiError as error:
            if error.status.code == 404:
                raise CheckError(f"there is no namespace {self.names.namespace}") from None
            raise

    def read_all(self, kind: type[NamespacedResource], labels: Mapping[str, str] | None = None) -> list[Manifest]:
        """Return the objects of a kind in the environment's namespace, those with these labels."""
        with _DECODING:
            found = self.kubernetes.list(kind, namespace=self.names.namespace, labels=dict(labels or {}))
            return [_manifest(item) for item in found]

    def secret(self, name: str) -> dict[str, str]:
        """Return what a Secret of the namespace holds. Raises CheckError where there is none."""
        data: Mapping[str, str] = self.read(Secret, name).get("data", {})
        values = {key: base64.b64decode(value).decode() for key, value in data.items()}
        for value in values.values():
            self.redaction.add(value)
        return values


def _manifest(found: Any) -> Manifest:  # noqa: ANN401 lightkube's types have no common base with to_dict
    manifest: Manifest = found.to_dict()
    return manifest
