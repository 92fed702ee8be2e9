"""The PostgreSQL server that all environments share, read and checked: an RDS instance or an Aurora cluster."""

from cdktf import Postcondition, TerraformResourceLifecycle
from cdktf_cdktf_provider_aws.data_aws_db_instance import DataAwsDbInstance
from cdktf_cdktf_provider_aws.data_aws_rds_cluster import DataAwsRdsCluster
from constructs import Construct

from environments.schema.database_server import OLDEST_POSTGRESQL, WHY_NO_OLDER_POSTGRESQL
from environments.schema.database_server import DatabaseServer as Settings


class DatabaseServer(Construct):
    """The shared PostgreSQL server, read by a data source and checked.

    A plan fails with its own message if the server does not match the settings, for example if it is too old.

    Args:
        settings: whether the server is an instance or a cluster, its name, and where its administrator's login is
            stored.

    Attributes:
        administrator: a reference to the administrator's user name.
        administrator_expression: a bare expression for the same name.
        host: a bare expression for the host name.
        port: a bare expression for the port, a number.
        subnet_group: a bare expression for the name of the server's subnet group.
        administrator_secret: a bare expression for the ARN or path of the secret that holds the administrator's login.

    """

    def __init__(self, scope: Construct, id_: str, *, settings: Settings) -> None:
        super().__init__(scope, id_)
        lifecycle = _checks(settings)
        # One of the two: their attributes have the same names, but for the host's and the subnet group's.
        server: DataAwsDbInstance | DataAwsRdsCluster
        if settings.kind == "cluster":
            server = DataAwsRdsCluster(self, "resource", cluster_identifier=settings.name, lifecycle=lifecycle)
            reference, host = f"data.aws_rds_cluster.{server.friendly_unique_id}", "endpoint"
            self.subnet_group = f"{reference}.db_subnet_group_name"
        else:
            server = DataAwsDbInstance(self, "resource", db_instance_identifier=settings.name, lifecycle=lifecycle)
            reference, host = f"data.aws_db_instance.{server.friendly_unique_id}", "address"
            self.subnet_group = f"{reference}.db_subnet_group"
        self.administrator = server.master_username
        self.administrator_expression = f"{reference}.master_username"
        self.host = f"{reference}.{host}"
        self.port = f"{reference}.port"
        self.administrator_secret = (
            f'"{settings.administrator_secret}"'
            if settings.administrator_secret
            else f"{reference}.master_user_secret[0].secret_arn"
        )


def _checks(settings: Settings) -> TerraformResourceLifecycle:
    checks = {
        f'self.engine == "{settings.engine}" && tonumber(split(".", self.engine_version)[0]) >= {OLDEST_POSTGRESQL}': (
            f"The {settings.title} is not PostgreSQL {OLDEST_POSTGRESQL} or newer: {WHY_NO_OLDER_POSTGRESQL}."
        )
    }
    if settings.administrator_secret is None:
        # Null where RDS keeps no login.
        checks["try(length(self.master_user_secret) == 1, false)"] = (
            f"RDS does not manage the administrator's login of the {settings.title}; allowed: "
            "database_server.administrator_secret with the path of the secret that holds it (environments/shared.py)."
        )
    return TerraformResourceLifecycle(
        postcondition=[
            Postcondition(condition=f"${{{condition}}}", error_message=message) for condition, message in checks.items()
        ]
    )
