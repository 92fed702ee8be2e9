"""The identity of core-api's pods."""

from constructs import Construct

from modules.kubernetes.service_account import ServiceAccount
from modules.model.selected_settings import SHARED


def example(scope: Construct) -> ServiceAccount:
    return ServiceAccount(
        scope,
        "account",
        name="core-api",
        namespace="mosaic-demo",
        labels={"environment": "demo"},
        role_arn=f"arn:aws:iam::{SHARED.account}:role/mosaic-demo-core-api",
    )
