"""The two roles of an environment."""

from constructs import Construct

from modules.aws.database_server import DatabaseServer
from modules.model.selected_settings import SHARED
from modules.postgresql.database_roles import DatabaseRoles


def example(scope: Construct) -> DatabaseRoles:
    server = DatabaseServer(scope, "server", settings=SHARED.database_server)
    return DatabaseRoles(
        scope,
        "roles",
        deployer="mosaic_demo_deploy",
        planner="mosaic_demo_plan",
        administrator=server.administrator,
        administrator_conditions=[],
        after=[],
    )
