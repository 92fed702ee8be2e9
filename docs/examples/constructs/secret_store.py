"""A store that reads Secrets Manager as an environment's own role."""

from constructs import Construct

from modules.kubernetes.secret_store import SecretStore
from modules.model.selected_settings import SHARED


def example(scope: Construct) -> SecretStore:
    return SecretStore(
        scope,
        "store",
        name="environment-secrets",
        namespace="mosaic-demo",
        labels={"environment": "demo"},
        service_account="external-secrets",
        role_arn=f"arn:aws:iam::{SHARED.account}:role/mosaic-demo-secret-store",
        region=SHARED.region,
    )
