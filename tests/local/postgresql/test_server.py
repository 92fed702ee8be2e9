"""PostgreSQL behaves as on RDS, on every available server: TLS only, and an administrator without superuser rights."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from local.postgresql.installation import BIN_VARIABLE, OLDEST, find_installation
from local.postgresql.server import Postgres
from local.runtime.certificates import issue
from local.runtime.errors import LocalCloudError
from local.runtime.ports import assigned_ports
from local.runtime.process import Processes
from tests.cloud import environment_variables, state_of_its_own

# The packages' server, and those that the system has installed and that are new enough.
SERVERS = [
    "",
    *(str(it) for it in sorted(Path("/usr/lib/postgresql").glob("*/bin")) if float(it.parent.name) >= OLDEST),
]
PASSWORD = 'it\'s "odd" \\ %40'


@pytest.fixture(scope="module", params=SERVERS, ids=lambda folder: folder or "packages")
def postgres(request: pytest.FixtureRequest) -> Iterator[Postgres]:
    with environment_variables({BIN_VARIABLE: request.param}), state_of_its_own() as state:
        server = Postgres(
            state=state,
            port=assigned_ports(state, renew_internal=True)["postgresql"],
            installation=find_installation(state),
            certificates=issue(state),
        )
        Processes(state=state, certificates=server.certificates).start(server.part)
        server.set_administrator("the first password")
        server.set_administrator(PASSWORD)
        yield server


def test_the_administrator_has_the_permissions_of_an_rds_master_user(postgres: Postgres) -> None:
    with postgres.connect(user="mosaicadmin", password=PASSWORD, database="postgres") as connection:
        rights = connection.execute(
            "SELECT rolsuper, rolcreatedb, rolcreaterole, rolreplication, rolbypassrls "
            "FROM pg_roles WHERE rolname = current_user"
        ).fetchone()
        assert rights == (False, True, True, False, False)
        member = connection.execute("SELECT pg_has_role(current_user, 'rds_superuser', 'member')").fetchone()
        assert member == (True,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("ALTER ROLE mosaicadmin SUPERUSER")


def test_only_its_owner_can_connect_to_the_common_database(postgres: Postgres) -> None:
    with postgres.connect_as_superuser() as connection:
        connection.execute("CREATE ROLE guest LOGIN PASSWORD 'guest'")
    postgres.connect(user="guest", password="guest", database="postgres").close()
    postgres.close_common_database(PASSWORD)
    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        postgres.connect(user="guest", password="guest", database="postgres")
    postgres.connect(user="mosaicadmin", password=PASSWORD, database="postgres").close()


def test_a_connection_is_encrypted_and_verified(postgres: Postgres) -> None:
    with postgres.connect(user="mosaicadmin", password=PASSWORD, database="postgres") as connection:
        row = connection.execute("SELECT ssl, version FROM pg_stat_ssl WHERE pid = pg_backend_pid()").fetchone()
    assert row == (True, "TLSv1.3")


def refusal(postgres: Postgres, **changes: str) -> str:
    """Return how the server refuses the administrator's connection after these changes to it."""
    good: dict[str, Any] = {
        "host": "127.0.0.1",
        "port": postgres.port,
        "user": "mosaicadmin",
        "password": PASSWORD,
        "dbname": "postgres",
        "sslmode": "require",
    }
    with pytest.raises(psycopg.OperationalError) as refused:
        psycopg.connect(**good | changes)
    return str(refused.value)


def test_a_connection_without_tls_is_refused(postgres: Postgres) -> None:
    assert "no encryption" in refusal(postgres, sslmode="disable")


def test_a_wrong_password_is_refused(postgres: Postgres) -> None:
    assert "password authentication failed" in refusal(postgres, password="the first password")


def test_the_superuser_is_refused_over_tcp(postgres: Postgres) -> None:
    assert "rejects connection" in refusal(postgres, user="rdsadmin")


def test_the_superuser_connects_by_the_socket(postgres: Postgres) -> None:
    with postgres.connect_as_superuser() as connection:
        assert connection.execute("SELECT current_user").fetchone() == ("rdsadmin",)


def test_a_failing_statement_leaves_no_password_in_the_log(postgres: Postgres) -> None:
    secret = "not-for-the-log"
    with (
        postgres.connect(user="mosaicadmin", password=PASSWORD, database="postgres") as connection,
        pytest.raises(psycopg.errors.DuplicateObject),
    ):
        connection.execute(f"CREATE ROLE mosaicadmin PASSWORD '{secret}'")
    log = (postgres.state / "logs" / "postgresql.log").read_text()
    assert "already exists" in log
    assert secret not in log


@pytest.mark.usefixtures("empty_state")
def test_a_folder_without_a_server_is_named(tmp_path: Path, empty_state: Path) -> None:
    with (
        environment_variables({BIN_VARIABLE: str(tmp_path)}),
        pytest.raises(LocalCloudError, match=f"{BIN_VARIABLE}={tmp_path}: a folder with the programs postgres and"),
    ):
        find_installation(empty_state)


def test_data_of_another_major_version_is_refused(empty_state: Path) -> None:
    server = Postgres(
        state=empty_state,
        port=assigned_ports(empty_state, renew_internal=True)["postgresql"],
        installation=find_installation(empty_state),
        certificates=issue(empty_state),
    )
    processes = Processes(state=empty_state, certificates=server.certificates)
    processes.start(server.part)
    processes.stop(["postgresql"])
    (empty_state / "postgresql" / "data" / "PG_VERSION").write_text("9.6\n")
    with pytest.raises(LocalCloudError, match=r"belongs to PostgreSQL 9\.6.*or run `reset`"):
        processes.start(server.part)
