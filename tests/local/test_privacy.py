"""Secrets of the local engines are readable by their owner alone, and in no log."""

import json
import os
from pathlib import Path

from local.aws.clients import AwsClients
from local.aws.credentials import AccessKey, KeyFile
from local.seed.account import database_administrator
from local.state import Cloud
from tests.local.kubernetes.test_eks_token import presigned
from tests.local.loopback import request


def secret_values(cloud: Cloud, aws: AwsClients) -> set[str]:
    values = {cloud.key(user).secret for user in ("root", "administrator", "external-secrets")}
    values.add(database_administrator(aws)["password"])
    for listed in aws.secretsmanager.list_secrets()["SecretList"]:
        document = json.loads(aws.secretsmanager.get_secret_value(SecretId=listed["ARN"])["SecretString"])
        values |= {document[key] for key in ("password", "client-secret", "secret-key") if key in document}
    return {value for value in values if len(value) >= 20}


def test_no_secret_is_in_a_log(cloud: Cloud, aws: AwsClients) -> None:
    secrets = secret_values(cloud, aws)
    assert len(secrets) >= 6
    logs = [path for path in (cloud.state / "logs").iterdir() if path.stat().st_size]
    assert logs
    for log in logs:
        text = log.read_text(errors="replace")
        assert not [value for value in secrets if value in text], log


def test_presigned_url_is_not_in_the_log(cloud: Cloud) -> None:
    url = presigned(cloud.aws_endpoint, cloud.key(), cluster=None)
    assert request(cloud, url)[0] == 200
    log = (cloud.state / "logs" / "aws.log").read_text()
    assert "GET / 200" in log
    assert "X-Amz-Signature" not in log


def test_files_with_secrets_are_private(cloud: Cloud, aws: AwsClients) -> None:
    needles = [value.encode() for value in secret_values(cloud, aws)] + [b"PRIVATE KEY-----"]
    for path in files(cloud.state):
        content = path.read_bytes()
        if any(needle in content for needle in needles):
            assert path.stat().st_mode & 0o077 == 0, path


def files(folder: Path) -> list[Path]:
    return [Path(root) / name for root, _, names in os.walk(folder) for name in names if Path(root, name).is_file()]


def test_key_does_not_show_its_secret(tmp_path: Path) -> None:
    file = KeyFile(tmp_path / "keys.json")
    root = file.root()
    assert root == file.root()
    assert root.secret not in repr(root)
    assert root.secret not in f"{root}"
    assert AccessKey(id="AKIA", secret="s").id in repr(AccessKey(id="AKIA", secret="s"))
    assert (tmp_path / "keys.json").stat().st_mode & 0o777 == 0o600
