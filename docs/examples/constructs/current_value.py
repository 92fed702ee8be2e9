"""A second value that readers get once the login that uses it exists."""

from cdktf_cdktf_provider_aws.secretsmanager_secret import SecretsmanagerSecret
from constructs import Construct

from modules.aws.current_value import CurrentValue
from modules.aws.generated_value import GeneratedValue


def example(scope: Construct) -> CurrentValue:
    secret = SecretsmanagerSecret(scope, "secret", name="mosaic/demo/login")
    second = GeneratedValue(
        scope,
        "second",
        secret=secret,
        version=2,
        fields={"username": "mosaic_demo_2"},
        random_field="password",
        length=40,
        current=False,
    )
    return CurrentValue(scope, "current", secret=secret, value=second, after=[])
