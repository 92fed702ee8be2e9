"""Only their owner can read the local engines' secrets, and no log contains them."""

import os
from pathlib import Path

import psutil

from local.aws.clients import AwsClients
from local.aws.credentials import AccessKey, KeyFile
from local.state import Cloud
from tests.local.aws.presigned_url import presigned
from tests.local.loopback import request
from tests.local.secret_values import secret_values


def test_no_secret_is_in_a_log(cloud: Cloud, aws: AwsClients) -> None:
    secrets = secret_values(cloud, aws)
    logs = [path for path in (cloud.state / "logs").iterdir() if path.stat().st_size]
    assert logs
    for log in logs:
        text = log.read_text(errors="replace")
        assert [name for name, value in secrets.items() if value in text] == [], log


def test_the_signature_of_a_presigned_url_is_not_in_the_log(cloud: Cloud) -> None:
    url = presigned(cloud.aws_endpoint, cloud.key(), cluster=None)
    assert request(cloud, url)[0] == 200
    log = (cloud.state / "logs" / "aws.log").read_text()
    assert "GET / 200" in log
    assert "X-Amz-Signature" not in log


def test_only_its_owner_can_read_a_file_with_secrets(cloud: Cloud, aws: AwsClients) -> None:
    needles = [*(value.encode() for value in secret_values(cloud, aws).values()), b"PRIVATE KEY-----"]
    holding = [path for path in files(cloud.state) if any(needle in path.read_bytes() for needle in needles)]
    assert {cloud.certificates.service_account_key, cloud.password_file} <= set(holding)
    assert [path for path in holding if path.stat().st_mode & 0o077] == []


def test_nobody_else_can_read_or_change_the_state_folders_content(cloud: Cloud) -> None:
    """An exception: the programs of PostgreSQL's server, which its own user runs, if they are in this folder."""
    assert cloud.state.stat().st_mode & 0o066 == 0
    entries = [path for path in cloud.state.iterdir() if path.name != "postgresql-server"]
    inner = [path for name in ("logs", "postgresql", "kubernetes") for path in (cloud.state / name).iterdir()]
    assert {"lock", "logs", "bin", "kubeconfig"} <= {path.name for path in entries}
    # The server itself checks who connects to its socket.
    assert [path for path in (*entries, *inner) if path.stat().st_mode & 0o077 and not path.is_socket()] == []


def test_what_postgresql_reads_belongs_to_its_own_user(cloud: Cloud) -> None:
    """When root runs the tests, it is another user by default, who owns this folder and its files."""
    folder = cloud.state / "postgresql"
    running = cloud.processes.find("postgresql")
    assert running is not None
    user = psutil.Process(running.pid).uids().real
    assert {path.stat().st_uid for path in (folder, *folder.iterdir())} == {user}


def files(folder: Path) -> list[Path]:
    return [Path(root) / name for root, _, names in os.walk(folder) for name in names if Path(root, name).is_file()]


def test_a_key_does_not_show_its_secret(tmp_path: Path) -> None:
    file = KeyFile(tmp_path / "keys.json")
    root = file.root()
    assert root == file.root()
    assert root.secret not in repr(root)
    assert root.secret not in f"{root}"
    assert AccessKey(id="AKIA", secret="s").id in repr(AccessKey(id="AKIA", secret="s"))
    assert (tmp_path / "keys.json").stat().st_mode & 0o777 == 0o600
