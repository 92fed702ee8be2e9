"""The existing objects of a slot, as its clouds report them; unknown if one of them does not answer."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import boto3
import pytest

from delivery.account.error import AbsentError, CheckError
from delivery.account.stored_login import LoginError
from delivery.account.target import Target
from delivery.preview import remains as module
from delivery.preview.pull_requests import Unclear
from delivery.preview.remains import remains
from environments.preview import preview
from modules.model.names import state_key
from modules.model.selected_settings import SHARED


class ApiStandIn:
    """An API server with objects at these paths, or one that fails."""

    def __init__(self) -> None:
        self.paths: set[str] = set()
        self.error: CheckError | None = None

    def get(self, path: str) -> dict[str, Any]:
        if self.error:
            raise self.error
        if path not in self.paths:
            raise AbsentError(f"there is no {path}")
        return {}


class Clouds:
    """A slot's clouds: moto, and stand-ins for cluster and database server. rows: the database server's answer."""

    def __init__(self) -> None:
        self.api = ApiStandIn()
        self.rows: list[tuple[str]] = []
        self.login_error: LoginError | None = None
        self.target = Target.of(preview(1), SHARED, {})
        self.target.__dict__["kubernetes_api"] = self.api
        for bucket in (
            self.target.names.media_bucket,
            self.target.names.backups_bucket,
            self.target.names.state_bucket,
        ):
            self.target.s3.create_bucket(Bucket=bucket)

    @contextmanager
    def log_in(self, *_: object, **__: object) -> Iterator[Any]:
        if self.login_error:
            raise self.login_error
        yield SimpleNamespace(execute=lambda *_: SimpleNamespace(fetchall=lambda: self.rows))


@pytest.fixture
def clouds(session: boto3.Session, monkeypatch: pytest.MonkeyPatch) -> Clouds:
    clouds = Clouds()
    monkeypatch.setattr(module, "log_in_as", clouds.log_in)
    return clouds


def test_bootstraps_objects_do_not_count(clouds: Clouds) -> None:
    assert remains(clouds.target) == ()
    clouds.target.s3.put_object(
        Bucket=clouds.target.names.state_bucket,
        Key=state_key("preview-1"),
        Body=json.dumps({"version": 4, "resources": []}).encode(),
    )
    assert remains(clouds.target) == ()


def test_each_remaining_object_is_named(clouds: Clouds) -> None:
    names, target = clouds.target.names, clouds.target
    clouds.api.paths = {"/api/v1/namespaces/mosaic-preview-1"}
    clouds.rows = [("database core_preview_1",)]
    target.secrets_manager.create_secret(Name=names.session_key, SecretString="made-up")
    target.secrets_manager.create_secret(Name=names.database_credentials, SecretString="made-up")
    # Its name is taken as long as it can be restored.
    target.secrets_manager.delete_secret(SecretId=names.database_credentials)
    target.iam.create_role(RoleName=names.core_api_role, AssumeRolePolicyDocument="{}")
    target.s3.put_object(Bucket=names.media_bucket, Key="key", Body=b"")
    target.s3.create_multipart_upload(Bucket=names.backups_bucket, Key="key")
    resource = {"mode": "managed", "type": "aws_iam_role", "name": "x", "instances": [{"attributes": {"id": "x"}}]}
    state = {"version": 4, "resources": [resource]}
    target.s3.put_object(Bucket=names.state_bucket, Key=state_key("preview-1"), Body=json.dumps(state).encode())
    assert remains(target) == (
        "namespace mosaic-preview-1",
        f"secret {names.database_credentials}",
        f"secret {names.session_key}",
        f"role {names.core_api_role}",
        "database core_preview_1",
        f"objects in {names.media_bucket}",
        f"unfinished uploads to {names.backups_bucket}",
        "resources in the state: 1",
    )


def _silence_cluster(clouds: Clouds) -> None:
    clouds.api.error = CheckError("no answer from the API server")


def _silence_database_server(clouds: Clouds) -> None:
    clouds.login_error = LoginError("the server does not let in the deployer")


def _lose_bucket(clouds: Clouds) -> None:
    clouds.target.s3.delete_bucket(Bucket=clouds.target.names.media_bucket)


def _spoil_state(clouds: Clouds) -> None:
    clouds.target.s3.put_object(Bucket=clouds.target.names.state_bucket, Key=state_key("preview-1"), Body=b"{")


@pytest.mark.parametrize(
    ("silence", "reason"),
    [
        (_silence_cluster, "no answer from the API server"),
        (_silence_database_server, "the server does not let in the deployer"),
        (_lose_bucket, "ListObjectVersions: NoSuchBucket"),
        (_spoil_state, "is not a Terraform state"),
    ],
)
def test_if_a_server_does_not_answer_the_remains_are_unknown(
    clouds: Clouds, silence: Callable[[Clouds], None], reason: str
) -> None:
    silence(clouds)
    found = remains(clouds.target)
    assert isinstance(found, Unclear)
    assert reason in found.reason
