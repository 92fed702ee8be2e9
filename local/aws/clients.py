"""boto3 clients of the local account."""

import os
from functools import cached_property
from typing import TYPE_CHECKING, Any

import boto3
import botocore.session

from local.aws.credentials import AccessKey
from modules.model.selected_settings import SHARED

if TYPE_CHECKING:
    from mypy_boto3_acm import ACMClient
    from mypy_boto3_ec2 import EC2Client
    from mypy_boto3_eks import EKSClient
    from mypy_boto3_elbv2 import ElasticLoadBalancingv2Client
    from mypy_boto3_iam import IAMClient
    from mypy_boto3_rds import RDSClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_sts import STSClient


class AwsClients:
    """Clients of one access key at the local endpoint, whatever the caller's own AWS configuration says.

    ``token``: the session token of an assumed role's key.
    """

    def __init__(self, endpoint: str, key: AccessKey, token: str | None = None) -> None:
        self._endpoint = endpoint
        # The user's configuration file and AWS_PROFILE must have no effect.
        core = botocore.session.Session(session_vars={"profile": (None, None, None, None)})
        core.set_config_variable("config_file", os.devnull)
        core.set_config_variable("credentials_file", os.devnull)
        self._session = boto3.Session(
            aws_access_key_id=key.id,
            aws_secret_access_key=key.secret,
            aws_session_token=token,
            region_name=SHARED.region,
            botocore_session=core,
        )

    @cached_property
    def acm(self) -> "ACMClient":
        """Certificate Manager."""
        return self._session.client("acm", endpoint_url=self._endpoint)

    @cached_property
    def ec2(self) -> "EC2Client":
        """VPC and subnets."""
        return self._session.client("ec2", endpoint_url=self._endpoint)

    @cached_property
    def ecr(self) -> Any:  # noqa: ANN401 the packages of the lock file have no types of this API
        """Container images."""
        return self._session.client("ecr", endpoint_url=self._endpoint)

    @cached_property
    def eks(self) -> "EKSClient":
        """Kubernetes clusters."""
        return self._session.client("eks", endpoint_url=self._endpoint)

    @cached_property
    def elbv2(self) -> "ElasticLoadBalancingv2Client":
        """Application load balancers."""
        return self._session.client("elbv2", endpoint_url=self._endpoint)

    @cached_property
    def iam(self) -> "IAMClient":
        """Users, roles, OIDC providers."""
        return self._session.client("iam", endpoint_url=self._endpoint)

    @cached_property
    def rds(self) -> "RDSClient":
        """Database instances."""
        return self._session.client("rds", endpoint_url=self._endpoint)

    @cached_property
    def route53(self) -> Any:  # noqa: ANN401 as of ecr
        """Hosted zones and their records."""
        return self._session.client("route53", endpoint_url=self._endpoint)

    @cached_property
    def s3(self) -> "S3Client":
        """Buckets."""
        return self._session.client("s3", endpoint_url=self._endpoint)

    @cached_property
    def secretsmanager(self) -> "SecretsManagerClient":
        """Secrets."""
        return self._session.client("secretsmanager", endpoint_url=self._endpoint)

    @cached_property
    def sts(self) -> "STSClient":
        """The caller's identity, and assumed roles."""
        return self._session.client("sts", endpoint_url=self._endpoint)
