"""A bucket for uploads from the browser that keeps replaced versions for 30 days."""

from constructs import Construct

from modules.aws.private_bucket import Lifecycle, PrivateBucket


def example(scope: Construct) -> PrivateBucket:
    return PrivateBucket(
        scope,
        "media",
        name="mosaic-demo-media-033691785857",
        lifecycle=Lifecycle(infrequent_access_after=90, old_versions_expire_after=30),
        cors_origins=["https://demo.mosaiclife.me"],
        protected=False,
        adopt=False,
    )
