"""What core-api's role may do: use its environment's buckets, secrets and capabilities.

The constructs grant it with Terraform's own references, the boundary limits every role to it, and an adoption compares
it with what an existing role can do.
"""

from collections.abc import Sequence

from environments.schema.settings import Environment, Shared
from modules.model.capabilities import Statement, permissions_of
from modules.model.names import Names

USE_BUCKET = ("s3:ListBucket", "s3:GetBucketLocation")
USE_OBJECTS = ("s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload")
READ_SECRET = ("secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret")
# Secrets Manager ends each ARN with a hyphen and six characters of its own choice.
_SECRET_SUFFIX = "-??????"


def core_api_permissions(environment: Environment, shared: Shared, names: Names) -> list[Statement]:
    """The IAM statements that allow all of it, and nothing more."""
    return [
        allow("Buckets", USE_BUCKET, bucket_arns(names)),
        allow("Objects", USE_OBJECTS, object_arns(names)),
        allow("Secrets", READ_SECRET, [secret_arn(shared, path) for path in names.secret_paths]),
        *(statement for statements in permissions_of(environment, shared, names).values() for statement in statements),
    ]


def bucket_arns(names: Names) -> list[str]:
    """The ARNs of the environment's two buckets."""
    return [f"arn:aws:s3:::{bucket}" for bucket in (names.media_bucket, names.backups_bucket)]


def object_arns(names: Names) -> list[str]:
    """The ARN pattern of every object in each of them."""
    return [f"{bucket}/*" for bucket in bucket_arns(names)]


def secret_arn(shared: Shared, path: str) -> str:
    """The ARN pattern of the secret at a path, with any suffix."""
    return f"arn:aws:secretsmanager:{shared.region}:{shared.account}:secret:{path}{_SECRET_SUFFIX}"


def allow(name: str, actions: Sequence[str], resources: Sequence[str]) -> Statement:
    """A statement of an IAM policy. name: its Sid."""
    return {"Sid": name, "Effect": "Allow", "Action": list(actions), "Resource": list(resources)}
