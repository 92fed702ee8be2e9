"""Whether an object with one of our names exists, and who created it."""

from collections.abc import Mapping
from dataclasses import dataclass

from botocore.exceptions import ClientError

from delivery.account.error import AbsentError
from delivery.account.target import Target
from delivery.doctor.examination import Examination
from modules.model.tags import aws_tags, labels

_STACK = "aws:cloudformation:stack-name"
OURS, BY_HAND = "this project", "by hand"


@dataclass(frozen=True, kw_only=True)
class Presence:
    """maker: who created the object, in words for a row. deleted: the secret can still be restored."""

    exists: bool
    maker: str = ""
    deleted: bool = False

    @property
    def is_ours(self) -> bool:
        """A run of this project created it."""
        return self.maker == OURS

    @property
    def stack(self) -> str | None:
        """The CloudFormation stack that created it and would delete it together with itself."""
        name = self.maker.removeprefix("CloudFormation stack ")
        return None if name == self.maker else name


ABSENT = Presence(exists=False)


class TakenError(Exception):
    """The name belongs to another account."""


def _maker(target: Target, tags: Mapping[str, str]) -> str:
    if _STACK in tags:
        return f"CloudFormation stack {tags[_STACK]}"
    if aws_tags(target.environment, target.shared).items() <= tags.items():
        return OURS
    return f"{tags['ManagedBy']} (its tag ManagedBy)" if "ManagedBy" in tags else BY_HAND


def bucket(examination: Examination, name: str) -> Presence:
    """The bucket of this name. Raises TakenError for another account's: bucket names are global."""
    target = examination.target
    try:
        target.s3.head_bucket(Bucket=name)
    except ClientError as error:
        if error.response["Error"]["Code"] == "404":
            return ABSENT
        if error.response["Error"]["Code"] == "403" and not _is_listed(target, name):
            raise TakenError from None
        raise
    try:
        tags = {tag["Key"]: tag["Value"] for tag in target.s3.get_bucket_tagging(Bucket=name)["TagSet"]}
    except ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchTagSet":
            raise
        tags = {}
    return Presence(exists=True, maker=_maker(target, tags))


def _is_listed(target: Target, bucket: str) -> bool:
    """Whether the bucket is in this account; assumed if the caller may not list buckets."""
    try:
        return bucket in {row["Name"] for row in target.s3.list_buckets()["Buckets"]}
    except ClientError:
        return True


def secret(examination: Examination, path: str) -> Presence:
    """The secret at this path, even if scheduled for deletion."""
    client = examination.target.secrets_manager
    try:
        found = client.describe_secret(SecretId=path)
    except client.exceptions.ResourceNotFoundException:
        return ABSENT
    tags = {tag["Key"]: tag["Value"] for tag in found.get("Tags", [])}
    return Presence(exists=True, maker=_maker(examination.target, tags), deleted="DeletedDate" in found)


def role(examination: Examination, name: str) -> Presence:
    """The IAM role of this name."""
    iam = examination.target.iam
    try:
        found = iam.get_role(RoleName=name)["Role"]
    except iam.exceptions.NoSuchEntityException:
        return ABSENT
    tags = {tag["Key"]: tag["Value"] for tag in found.get("Tags", [])}
    return Presence(exists=True, maker=_maker(examination.target, tags))


def kubernetes(examination: Examination, path: str) -> Presence:
    """The Kubernetes object at this path."""
    target = examination.target
    try:
        metadata = target.kubernetes_api.get(path)["metadata"]
    except AbsentError:
        return ABSENT
    found: Mapping[str, str] = metadata.get("labels", {})
    if labels(target.environment, target.shared).items() <= found.items():
        return Presence(exists=True, maker=OURS)
    manager = found.get("app.kubernetes.io/managed-by")
    return Presence(exists=True, maker=f"{manager} (its label managed-by)" if manager else BY_HAND)


def database(examination: Examination) -> Presence:
    """The environment's database. A database has no tags; only its owner hints at who created it."""
    owner = examination.contents().owner
    if owner is None:
        return ABSENT
    return Presence(exists=True, maker=f"somebody, for the owner {owner}")


def database_role(examination: Examination) -> Presence:
    """The environment's login."""
    return Presence(exists=True, maker="somebody") if examination.contents().has_role else ABSENT
