"""An account with a database server, and the server administrator's login in a secret."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import urllib3
from moto.rds.models import DBCluster
from moto.server import ThreadedMotoServer

from delivery.account.target import Target
from local.postgresql.server import ADMINISTRATOR, Postgres
from modules.model.selected_settings import SETTINGS, SHARED
from tests.delivery.command_line import KEYS


@contextmanager
def administered_account(server: Postgres, password: str) -> Iterator[None]:
    """Make it the process's account for a while. password: of the server's administrator."""
    with pytest.MonkeyPatch.context() as patch:
        moto = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        moto.start()
        host, port = moto.get_host_and_port()
        urllib3.request("POST", f"http://{host}:{port}/moto-api/reset")
        for name, value in {**KEYS, "AWS_ENDPOINT_URL": f"http://{host}:{port}"}.items():
            patch.setenv(name, value)
        patch.setattr(DBCluster, "endpoint", property(lambda _: "127.0.0.1"))
        target = Target.of(SETTINGS.find("prod"), SHARED, {})
        target.session.client("rds").create_db_cluster(
            DBClusterIdentifier=SHARED.database_server.name,
            Engine=SHARED.database_server.engine,
            Port=server.port,
            MasterUsername=ADMINISTRATOR,
            MasterUserPassword=password,
        )
        login = {"username": ADMINISTRATOR, "password": password}
        path = str(SHARED.database_server.administrator_secret)
        target.secrets_manager.create_secret(Name=path, SecretString=json.dumps(login))
        yield
        moto.stop()
