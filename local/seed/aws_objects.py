"""The building blocks of the account. Each function creates what is missing and changes nothing that exists."""

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from environments.schema.settings import Shared
from local.aws.clients import AwsClients
from local.kubernetes.control_plane import OIDC_ISSUER

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager.type_defs import TagTypeDef

Statement = Mapping[str, object]
Tags = Mapping[str, str]


def create_bucket(aws: AwsClients, name: str, tags: Tags | None = None) -> None:
    """Create a versioned, encrypted, private bucket unless the account has one of this name.

    CloudFormation's own tags are left out: S3 accepts them only from CloudFormation, and so does moto.
    """
    if name in {bucket["Name"] for bucket in aws.s3.list_buckets()["Buckets"]}:
        return
    aws.s3.create_bucket(Bucket=name)
    aws.s3.put_public_access_block(
        Bucket=name,
        PublicAccessBlockConfiguration={
            "BlockPublicAcls": True,
            "BlockPublicPolicy": True,
            "IgnorePublicAcls": True,
            "RestrictPublicBuckets": True,
        },
    )
    aws.s3.put_bucket_encryption(
        Bucket=name,
        ServerSideEncryptionConfiguration={
            "Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]
        },
    )
    aws.s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    own = {key: value for key, value in (tags or {}).items() if not key.startswith("aws:")}
    if own:
        aws.s3.put_bucket_tagging(
            Bucket=name, Tagging={"TagSet": [{"Key": key, "Value": value} for key, value in own.items()]}
        )


def create_secret(aws: AwsClients, name: str, values: Mapping[str, str], tags: Tags | None = None) -> None:
    """Create a secret that holds these values as JSON, unless the account has one of this name."""
    listed: Sequence[TagTypeDef] = [{"Key": key, "Value": value} for key, value in (tags or {}).items()]
    with suppress(aws.secretsmanager.exceptions.ResourceExistsException):
        aws.secretsmanager.create_secret(Name=name, SecretString=json.dumps(values), Tags=listed)


def read_secret(aws: AwsClients, name: str) -> dict[str, str]:
    """Return the values of a secret, given by name or ARN."""
    values: dict[str, str] = json.loads(aws.secretsmanager.get_secret_value(SecretId=name)["SecretString"])
    return values


def create_service_account_role(
    aws: AwsClients,
    shared: Shared,
    name: str,
    *,
    trusted: Mapping[str, Mapping[str, object]],
    policies: Mapping[str, Sequence[Statement]],
    tags: Tags | None = None,
) -> None:
    """Create a role that pods assume, unless the account has one of this name.

    trusted: required values of the tokens' claims by condition operator, such as {"StringLike": {"sub": "..."}}.
    policies: the statements of its inline policies, by name.
    """
    issuer = OIDC_ISSUER.removeprefix("https://")
    trust = {
        "Effect": "Allow",
        "Principal": {"Federated": f"arn:aws:iam::{shared.account}:oidc-provider/{issuer}"},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {
            operator: {f"{issuer}:{claim}": value for claim, value in claims.items()}
            for operator, claims in trusted.items()
        },
    }
    with suppress(aws.iam.exceptions.EntityAlreadyExistsException):
        aws.iam.create_role(
            RoleName=name,
            AssumeRolePolicyDocument=policy(trust),
            Tags=[{"Key": key, "Value": value} for key, value in (tags or {}).items()],
        )
    for title, statements in policies.items():
        aws.iam.put_role_policy(RoleName=name, PolicyName=title, PolicyDocument=policy(*statements))


def policy(*statements: Statement) -> str:
    """Return an IAM policy document with these statements."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
