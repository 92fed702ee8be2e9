"""The two buckets of an environment: what people upload, and backups."""

from typing import Self

from constructs import Construct

from environments.schema.settings import Environment
from modules.aws.bucket import Bucket
from modules.aws.private_bucket import Lifecycle, PrivateBucket
from modules.model.names import Names


class EnvironmentBuckets:
    """Media and backups, made by one stack or known to another.

    The stack of a lasting environment makes its own. Bootstrap makes a preview's, once: the AWS provider waits a minute
    until it trusts a bucket's new lifecycle rules, and a claim should not.
    """

    def __init__(self, media: Bucket, backups: Bucket) -> None:
        self.media = media
        self.backups = backups

    @classmethod
    def made(cls, scope: Construct, *, environment: Environment, names: Names) -> Self:
        """Add both to the scope."""
        media = PrivateBucket(
            scope,
            "media",
            name=names.media_bucket,
            lifecycle=Lifecycle(
                infrequent_access_after=environment.media.infrequent_access_after,
                old_versions_expire_after=environment.media.old_versions_expire_after,
            ),
            cors_origins=[f"https://{host}" for host in environment.hosts],
            protected=environment.protected,
            adopt=environment.adopts("media"),
        )
        backups = PrivateBucket(
            scope,
            "backups",
            name=names.backups_bucket,
            lifecycle=Lifecycle(
                expire_after=environment.backups.expire_after,
                old_versions_expire_after=environment.backups.old_versions_expire_after,
            ),
            protected=environment.protected,
            adopt=environment.adopts("backups"),
        )
        return cls(media.bucket, backups.bucket)

    @classmethod
    def of_bootstrap(cls, names: Names) -> Self:
        """Those that the bootstrap stack has made, by their names."""
        return cls(
            *(
                Bucket(purpose=purpose, name=name, arn=f"arn:aws:s3:::{name}")
                for purpose, name in (("media", names.media_bucket), ("backups", names.backups_bucket))
            )
        )
