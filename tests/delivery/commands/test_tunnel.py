"""The tunnel to the private database: how the command calls the AWS CLI, which a small program replaces here."""

import json
import os
import signal
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest

from delivery.commands.tunnel import main
from modules.model.selected_settings import SHARED
from tests.delivery.command_line import KEYS

INSTANCE = "i-0123456789abcdef0"
# Like the Session Manager plugin, listens on the requested local port until it is stopped.
FORWARDER = """#!{python}
import json, os, signal, socket, sys
from pathlib import Path
Path(os.environ["LOG"]).write_text(json.dumps([os.getpid(), *sys.argv[1:]]))
[port] = json.loads(sys.argv[sys.argv.index("--parameters") + 1])["localPortNumber"]
server = socket.create_server(("127.0.0.1", int(port)))
signal.pause()
"""
REFUSING = f"#!/bin/sh\necho 'TargetNotConnected: {INSTANCE} is not connected.' >&2\nexit 254\n"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@pytest.fixture
def database(another_account: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, int]]:
    """The address and port of a database in RDS; nothing listens there yet."""
    for name, value in {**KEYS, "AWS_ENDPOINT_URL": another_account}.items():
        monkeypatch.setenv(name, value)
    rds = boto3.client("rds", region_name=SHARED.region)
    server = SHARED.database_server
    made = rds.create_db_cluster(
        DBClusterIdentifier=server.name,
        Engine=server.engine,
        Port=free_port(),
        MasterUsername="administrator",
        MasterUserPassword="made-up-value",
    )
    yield made["DBCluster"]["Endpoint"], made["DBCluster"]["Port"]
    rds.delete_db_cluster(DBClusterIdentifier=server.name, SkipFinalSnapshot=True)
    # moto keeps them, and does not create another cluster of this name within the same minute.
    for snapshot in rds.describe_db_cluster_snapshots()["DBClusterSnapshots"]:
        rds.delete_db_cluster_snapshot(DBClusterSnapshotIdentifier=snapshot["DBClusterSnapshotIdentifier"])


def run(folder: Path, program: str, monkeypatch: pytest.MonkeyPatch) -> int:
    """Run the command on a machine with this AWS CLI."""
    aws = folder / "aws"
    aws.write_text(program)
    aws.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder), prepend=os.pathsep)
    monkeypatch.setenv("LOG", str(folder / "log.json"))
    (folder / "hosts").write_text("127.0.0.1 localhost\n")
    return main([INSTANCE, "--hosts", str(folder / "hosts")])


def test_the_database_name_resolves_to_the_forwarded_port(
    database: tuple[str, int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    host, port = database
    code = run(tmp_path, FORWARDER.format(python=sys.executable), monkeypatch)
    process, *arguments = json.loads((tmp_path / "log.json").read_text())
    try:
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
    finally:
        os.kill(process, signal.SIGTERM)
    assert code == 0
    assert capsys.readouterr().out == f"{host}:{port} can be reached through {INSTANCE}\n"
    assert (tmp_path / "hosts").read_text() == f"127.0.0.1 localhost\n127.0.0.1 {host}\n"
    assert arguments[:-1] == [
        *("ssm", "start-session", "--region", SHARED.region, "--target", INSTANCE),
        *("--document-name", "AWS-StartPortForwardingSessionToRemoteHost", "--parameters"),
    ]
    assert json.loads(arguments[-1]) == {
        "host": [host],
        "portNumber": [str(port)],
        "localPortNumber": [str(port)],
    }


def test_a_refused_session_is_an_error(
    database: tuple[str, int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(tmp_path, REFUSING, monkeypatch) == 2
    assert f"ended with 254: TargetNotConnected: {INSTANCE} is not connected." in capsys.readouterr().err
    assert (tmp_path / "hosts").read_text() == "127.0.0.1 localhost\n"


def test_a_port_that_never_answers_is_an_error(
    database: tuple[str, int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("delivery.commands.tunnel._WAIT_SECONDS", 1.0)
    assert run(tmp_path, "#!/bin/sh\nexec sleep 60\n", monkeypatch) == 2
    assert f"port {database[1]} does not answer after 1 s" in capsys.readouterr().err


def test_an_unknown_database_is_an_error(
    another_account: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in {**KEYS, "AWS_ENDPOINT_URL": another_account}.items():
        monkeypatch.setenv(name, value)
    assert run(tmp_path, REFUSING, monkeypatch) == 2
    assert f"the address of the database {SHARED.database_server.name} is unknown" in capsys.readouterr().err


@pytest.mark.parametrize("instance", ["", "i-1", "i-0123456789abcdef0;id", "$(id)"])
def test_a_malformed_instance_id_is_refused(instance: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as refused:
        main([instance])
    assert refused.value.code == 2
    assert "is not an instance ID; allowed: i- or mi-" in capsys.readouterr().err
