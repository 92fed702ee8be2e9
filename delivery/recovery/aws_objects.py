"""Finds existing buckets, secrets and roles."""

from delivery.recovery.error import RecoveryError
from delivery.recovery.search import Found, Search
from delivery.recovery.stack import Body


def bucket(search: Search, body: Body) -> Found | None:
    """The bucket of this name. A second call sets its tags, so after an interrupted run it may have none."""
    s3, name = search.target.s3, body["bucket"]
    try:
        s3.head_bucket(Bucket=name)
    except s3.exceptions.ClientError as error:
        code = error.response["Error"]["Code"]
        if code == "404":
            return None
        raise RecoveryError(
            f"bucket {name} cannot be read ({code}): it belongs to another account, or permission is missing"
        ) from None
    try:
        tags = s3.get_bucket_tagging(Bucket=name, ExpectedBucketOwner=search.target.shared.account)["TagSet"]
    except s3.exceptions.ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchTagSet":
            raise
        tags = []
    search.require_tags(f"bucket {name}", {tag["Key"]: tag["Value"] for tag in tags}, always=False)
    return Found(id=name, name=name)


def lifecycle(search: Search, body: Body) -> Found | None:
    """The lifecycle rules of a bucket. An apply could overwrite them, but that takes the provider a minute."""
    s3, name = search.target.s3, search.stack.referred(body["bucket"])["bucket"]
    try:
        s3.get_bucket_lifecycle_configuration(Bucket=name)
    except s3.exceptions.ClientError as error:
        if error.response["Error"]["Code"] in ("NoSuchLifecycleConfiguration", "NoSuchBucket"):
            return None
        raise
    return Found(id=name, name=f"the rules of {name}")


def secret(search: Search, body: Body) -> Found | None:
    """The secret of this name, even if it is scheduled for deletion."""
    client, name = search.target.secrets_manager, body["name"]
    try:
        found = client.describe_secret(SecretId=name)
    except client.exceptions.ResourceNotFoundException:
        return None
    search.require_tags(f"secret {name}", {tag["Key"]: tag["Value"] for tag in found.get("Tags", [])})
    return Found(id=found["ARN"], name=name)


def role(search: Search, body: Body) -> Found | None:
    """The IAM role of this name."""
    iam, name = search.target.iam, body["name"]
    try:
        found = iam.get_role(RoleName=name)["Role"]
    except iam.exceptions.NoSuchEntityException:
        return None
    search.require_tags(f"role {name}", {tag["Key"]: tag["Value"] for tag in found.get("Tags", [])})
    return Found(id=name, name=name)
