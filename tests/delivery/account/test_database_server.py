"""The database server as RDS describes it, and the message if the settings describe a different one."""

import boto3
import pytest

from delivery.account.database_server import DatabaseServer, DatabaseServerError, read_database_server
from environments.schema.database_server import DatabaseServer as Settings
from modules.model.selected_settings import SHARED
from tests.delivery.command_line import KEYS

SECRET = "mosaic/prod/rds/credentials"


@pytest.fixture
def session(empty_account: str, monkeypatch: pytest.MonkeyPatch) -> boto3.Session:
    """An account with a standalone instance, and an Aurora cluster with its writer."""
    for name, value in {**KEYS, "AWS_ENDPOINT_URL": empty_account}.items():
        monkeypatch.setenv(name, value)
    session = boto3.Session(region_name=SHARED.region)
    rds = session.client("rds")
    rds.create_db_instance(
        DBInstanceIdentifier="lone",
        DBInstanceClass="db.t4g.medium",
        Engine="postgres",
        Port=5433,
        MasterUsername="admin_of_one",
        ManageMasterUserPassword=True,
    )
    rds.create_db_cluster(
        DBClusterIdentifier="aurora",
        Engine="aurora-postgresql",
        EngineVersion="16.10",
        MasterUsername="admin_of_many",
        MasterUserPassword="made-up-value",
        Port=5434,
    )
    rds.create_db_instance(
        DBInstanceIdentifier="writer",
        DBInstanceClass="db.r6g.large",
        Engine="aurora-postgresql",
        DBClusterIdentifier="aurora",
    )
    return session


def test_an_instance_with_a_login_managed_by_rds(session: boto3.Session) -> None:
    found = read_database_server(session, Settings(kind="instance", name="lone"))
    assert (found.port, found.administrator) == (5433, "admin_of_one")
    assert found.host.startswith("lone.")
    assert found.administrator_secret is not None
    assert found.administrator_secret.startswith(f"arn:aws:secretsmanager:{SHARED.region}:")


def test_a_cluster_with_its_login_in_a_named_secret(session: boto3.Session) -> None:
    settings = Settings(kind="cluster", name="aurora", administrator_secret=SECRET)
    found = read_database_server(session, settings)
    assert found == DatabaseServer(
        engine="aurora-postgresql",
        version=found.version,
        host=found.host,
        port=5434,
        administrator="admin_of_many",
        administrator_secret=SECRET,
    )
    assert found.version.startswith("16.")
    assert found.host.startswith("aurora.cluster-")


def test_a_cluster_without_a_named_login(session: boto3.Session) -> None:
    assert read_database_server(session, Settings(kind="cluster", name="aurora")).administrator_secret is None


@pytest.mark.parametrize(
    ("kind", "name", "found", "allowed"),
    [
        ("cluster", "lone", "lone is an RDS instance", 'kind="instance"'),
        ("cluster", "writer", "writer is an instance of Aurora cluster aurora", 'kind="cluster", name="aurora"'),
        ("instance", "writer", "writer is an instance of Aurora cluster aurora", 'kind="cluster", name="aurora"'),
        ("instance", "aurora", "aurora is an Aurora cluster", 'kind="cluster"'),
        ("instance", "none", "there is no RDS instance none", "the identifier of an existing server"),
        ("cluster", "none", "there is no Aurora cluster none", "the identifier of an existing server"),
    ],
)
def test_a_different_kind_of_server_is_reported_with_the_settings_to_change(
    session: boto3.Session, kind: str, name: str, found: str, allowed: str
) -> None:
    with pytest.raises(DatabaseServerError) as raised:
        read_database_server(session, Settings.model_validate({"kind": kind, "name": name}))
    said = str(raised.value)
    assert said.startswith(f'{found}: database_server=DatabaseServer(kind="{kind}", name="{name}")')
    assert f"allowed: {allowed}" in said
    assert "\n" not in said
