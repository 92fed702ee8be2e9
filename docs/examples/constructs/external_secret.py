"""A Secret with one key, read from one field of a secret."""

from constructs import Construct

from modules.kubernetes.external_secret import ExternalSecret
from modules.model.kubernetes.secret import Secret


def example(scope: Construct) -> ExternalSecret:
    return ExternalSecret(
        scope,
        "session-key",
        secret=Secret(name="session-key", path="mosaic/demo/session-key", properties={"SESSION_KEY": "key"}),
        namespace="mosaic-demo",
        labels={"environment": "demo"},
        store="environment-secrets",
    )
