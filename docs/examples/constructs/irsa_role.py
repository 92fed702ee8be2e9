"""A role for core-api's pods that reads one secret."""

from constructs import Construct

from modules.aws.irsa_role import Grant, IrsaRole
from modules.aws.shared_infrastructure import SharedInfrastructure
from modules.model.selected_settings import SETTINGS, SHARED

STAGING = SETTINGS.find("staging")


def example(scope: Construct) -> IrsaRole:
    shared = SharedInfrastructure(scope, "shared", environment=STAGING, shared=SHARED)
    role = IrsaRole(
        scope,
        "core-api-role",
        name="mosaic-demo-core-api",
        namespace="mosaic-demo",
        service_account="core-api",
        permissions_boundary=f"arn:aws:iam::{SHARED.account}:policy/mosaic-demo-boundary",
        shared=shared,
        adopt=False,
    )
    role.grant(
        "session-key",
        Grant(
            actions=["secretsmanager:GetSecretValue"],
            resources=[
                f"arn:aws:secretsmanager:{SHARED.region}:{SHARED.account}:secret:mosaic/demo/session-key-AbCdEf"
            ],
        ),
    )
    return role
