"""A database that is copied from a template with extensions."""

from constructs import Construct

from modules.aws.shared_infrastructure import SharedInfrastructure
from modules.model.selected_settings import SETTINGS, SHARED
from modules.postgresql.database import Database

STAGING = SETTINGS.find("staging")


def example(scope: Construct) -> Database:
    shared = SharedInfrastructure(scope, "shared", environment=STAGING, shared=SHARED)
    return Database(
        scope,
        "database",
        name="mosaic_demo",
        role="mosaic_demo",
        credentials_path="mosaic/demo/database",
        credentials_version=1,
        deployer="mosaic_demo_deploy",
        planner="mosaic_demo_plan",
        template="mosaic_demo_template",
        extensions=["vector"],
        shared=shared,
        protected=False,
        adopted=[],
    )
