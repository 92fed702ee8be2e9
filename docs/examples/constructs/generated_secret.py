"""A session key of 64 characters."""

from constructs import Construct

from modules.aws.generated_secret import GeneratedSecret


def example(scope: Construct) -> GeneratedSecret:
    return GeneratedSecret(
        scope,
        "session-key",
        name="mosaic/demo/session-key",
        version=1,
        fields={},
        random_field="key",
        length=64,
        protected=False,
        adopt=False,
    )
