"""The second login of an environment's deploys."""

from constructs import Construct

from modules.aws.database_server import DatabaseServer
from modules.model.selected_settings import SHARED
from modules.postgresql.database_login import DatabaseLogin


def example(scope: Construct) -> DatabaseLogin:
    server = DatabaseServer(scope, "server", settings=SHARED.database_server)
    return DatabaseLogin(
        scope,
        "deploy-login",
        path="mosaic/demo/deploy-login",
        role="mosaic_demo_deploy",
        acts_as_role=True,
        version=2,
        server=server,
        ready=[],
        protected=False,
    )
