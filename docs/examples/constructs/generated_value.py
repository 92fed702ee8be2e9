"""The first value of a secret."""

from cdktf_cdktf_provider_aws.secretsmanager_secret import SecretsmanagerSecret
from constructs import Construct

from modules.aws.generated_value import GeneratedValue


def example(scope: Construct) -> GeneratedValue:
    secret = SecretsmanagerSecret(scope, "secret", name="mosaic/demo/session-key")
    return GeneratedValue(
        scope,
        "session-key",
        secret=secret,
        version=1,
        fields={},
        random_field="key",
        length=64,
    )
