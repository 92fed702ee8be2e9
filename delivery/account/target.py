"""One environment's settings and names, with the real APIs to compare them with."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import boto3
import psycopg
from lightkube import Client

from delivery.account.cluster import connect
from delivery.account.database_server import DatabaseServer, read_database_server
from delivery.account.kubernetes_api import KubernetesApi
from delivery.account.kubernetes_namespace import KubernetesNamespace
from delivery.account.session import CALLS, assumed_role, caller, open_session
from delivery.redaction.mask import Mask
from environments.schema.settings import Environment, Shared
from modules.model.cloud_selection import local_endpoint
from modules.model.names import Names

if TYPE_CHECKING:
    from mypy_boto3_acm import ACMClient
    from mypy_boto3_ec2 import EC2Client
    from mypy_boto3_eks import EKSClient
    from mypy_boto3_eks.type_defs import ClusterTypeDef
    from mypy_boto3_elbv2 import ElasticLoadBalancingv2Client
    from mypy_boto3_iam import IAMClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_secretsmanager import SecretsManagerClient


_CONNECT_SECONDS = 5


@dataclass(frozen=True, kw_only=True)
class Target:
    """One environment and the APIs of the cloud that it runs on.

    local: it runs on the local cloud. session: the caller's credentials. redaction: values that must not be printed.
    """

    environment: Environment
    shared: Shared
    names: Names
    local: bool
    session: boto3.Session
    redaction: Mask = field(default_factory=Mask)

    @classmethod
    def of(cls, environment: Environment, shared: Shared, variables: Mapping[str, str] = os.environ) -> "Target":
        """Return the environment in the cloud that MOSAIC_CLOUD selects. Raises CloudError, AccountError."""
        return cls(
            environment=environment,
            shared=shared,
            names=Names.of(environment, shared),
            local=local_endpoint(variables) is not None,
            session=open_session(shared),
        )

    def caller(self) -> str:
        """Return the caller's ARN. Raises AccountError without valid credentials, or for those of another account."""
        return caller(self.session, self.shared, local=self.local)

    @cached_property
    def asked_by_plan_role(self) -> bool:
        """Whether the caller is the environment's plan role, which may read no secret. Raises AccountError."""
        return assumed_role(self.caller()) == self.names.plan_role

    @cached_property
    def s3(self) -> "S3Client":
        """Buckets."""
        return self.session.client("s3", config=CALLS)

    @cached_property
    def iam(self) -> "IAMClient":
        """Roles."""
        return self.session.client("iam", config=CALLS)

    @cached_property
    def acm(self) -> "ACMClient":
        """Certificates."""
        return self.session.client("acm", config=CALLS)

    @cached_property
    def elbv2(self) -> "ElasticLoadBalancingv2Client":
        """Load balancers."""
        return self.session.client("elbv2", config=CALLS)

    @cached_property
    def route53(self) -> Any:  # noqa: ANN401 the packages of the lock file have no types of this API
        """DNS."""
        return self.session.client("route53", config=CALLS)

    @cached_property
    def argocd(self) -> KubernetesNamespace:
        """The namespace of Argo CD's Applications."""
        return KubernetesNamespace(self.kubernetes, self.shared.argocd.namespace, self.redaction)

    @cached_property
    def secrets_manager(self) -> "SecretsManagerClient":
        """Secrets."""
        return self.session.client("secretsmanager", config=CALLS)

    @cached_property
    def ec2(self) -> "EC2Client":
        """The network."""
        return self.session.client("ec2", config=CALLS)

    @cached_property
    def eks(self) -> "EKSClient":
        """Kubernetes clusters."""
        return self.session.client("eks", config=CALLS)

    @cached_property
    def cluster(self) -> "ClusterTypeDef":
        """The EKS cluster."""
        return self.eks.describe_cluster(name=self.shared.cluster)["cluster"]

    @cached_property
    def kubernetes(self) -> Client:
        """The cluster's API server."""
        return connect(self.session, self.cluster)

    @cached_property
    def kubernetes_api(self) -> KubernetesApi:
        """The cluster's API server as plain JSON."""
        return KubernetesApi(self.session, self.cluster)

    @cached_property
    def database_server(self) -> DatabaseServer:
        """The database server. Raises DatabaseServerError if it does not match the settings."""
        return read_database_server(self.session, self.shared.database_server)

    def log_in(self, user: str, password: str, *, database: str, application: str) -> psycopg.Connection:
        """Return a database session. application: its name in the server's lists. Raises psycopg.Error."""
        return psycopg.connect(
            host=self.database_server.host,
            port=self.database_server.port,
            user=user,
            password=password,
            dbname=database,
            sslmode="require",
            # The caller's shell may name another server's root certificate, which must not be used here.
            sslrootcert="",
            connect_timeout=_CONNECT_SECONDS,
            application_name=application,
        )

    @cached_property
    def namespace(self) -> KubernetesNamespace:
        """The environment's namespace in the cluster."""
        return KubernetesNamespace(self.kubernetes, self.names.namespace, self.redaction)
