"""The server that every environment shares."""

from constructs import Construct

from modules.aws.database_server import DatabaseServer
from modules.model.selected_settings import SHARED


def example(scope: Construct) -> DatabaseServer:
    return DatabaseServer(scope, "database", settings=SHARED.database_server)
