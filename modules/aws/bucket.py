"""A bucket, whichever stack makes it."""

from dataclasses import dataclass

from modules.aws.irsa_role import Grant, IrsaRole
from modules.model.core_api_permissions import USE_BUCKET, USE_OBJECTS


@dataclass(frozen=True, kw_only=True)
class Bucket:
    """What others need to know of a bucket: its purpose, such as ``media``, its physical name and its ARN."""

    purpose: str
    name: str
    arn: str

    def grant_read_write(self, role: IrsaRole) -> None:
        """Let the role list this bucket and read, write and delete its objects."""
        role.grant(
            self.purpose,
            Grant(actions=USE_BUCKET, resources=[self.arn]),
            Grant(actions=USE_OBJECTS, resources=[f"{self.arn}/*"]),
        )
