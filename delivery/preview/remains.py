"""Lists what exists in a slot beyond what bootstrap created: everything in a claimed slot, nothing in a free one.

It asks the services by name, so the result does not depend on any state.
"""

from collections.abc import Iterator

import httpx2
import psycopg
from botocore.exceptions import BotoCoreError, ClientError

from delivery.account.acting_login import log_in_as
from delivery.account.error import AbsentError, CheckError
from delivery.account.reason import reason
from delivery.account.session import AccountError
from delivery.account.stored_login import LoginError
from delivery.account.target import Target
from delivery.preview.pull_requests import Unclear
from delivery.recovery.error import RecoveryError
from delivery.recovery.stored_state import StoredState
from modules.model.acting_role import DEPLOY
from modules.model.names import state_key


def remains(target: Target) -> tuple[str, ...] | Unclear:
    """Return what exists, each by its name; Unclear if one of the servers does not answer."""
    try:
        return tuple(
            found
            for look in (_namespace, _application, _secrets, _roles, _database, _objects, _state)
            for found in look(target)
        )
    except (BotoCoreError, ClientError, CheckError, AccountError) as error:
        return Unclear(reason=target.redaction.clean_line(reason(error)))
    except (LoginError, RecoveryError, psycopg.Error, httpx2.TransportError) as error:
        return Unclear(reason=target.redaction.clean_line(str(error)))


def _namespace(target: Target) -> Iterator[str]:
    if _is_at(target, f"/api/v1/namespaces/{target.names.namespace}"):
        yield f"namespace {target.names.namespace}"


def _application(target: Target) -> Iterator[str]:
    if target.environment.delivery == "argocd":
        name, namespace = target.names.instance, target.shared.argocd.namespace
        if _is_at(target, f"/apis/argoproj.io/v1alpha1/namespaces/{namespace}/applications/{name}"):
            yield f"Application {name}"


def _is_at(target: Target, path: str) -> bool:
    try:
        target.kubernetes_api.get(path)
    except AbsentError:
        return False
    return True


def _secrets(target: Target) -> Iterator[str]:
    client = target.secrets_manager
    for path in target.names.secret_paths:
        try:
            client.describe_secret(SecretId=path)
        except client.exceptions.ResourceNotFoundException:
            continue
        # A deleted secret keeps its name as long as it can be restored.
        yield f"secret {path}"


def _roles(target: Target) -> Iterator[str]:
    iam = target.iam
    for name in (target.names.core_api_role, target.names.secret_store_role):
        try:
            iam.get_role(RoleName=name)
        except iam.exceptions.NoSuchEntityException:
            continue
        yield f"role {name}"


def _database(target: Target) -> Iterator[str]:
    names = target.names
    with log_in_as(target, DEPLOY, application="preview") as connection:
        rows = connection.execute(
            "SELECT 'database ' || datname FROM pg_database WHERE datname = %s"
            " UNION ALL SELECT 'database role ' || rolname FROM pg_roles WHERE rolname = %s",
            (names.database, names.database_role),
        ).fetchall()
    for (found,) in rows:
        yield found


def _objects(target: Target) -> Iterator[str]:
    s3 = target.s3
    for bucket in (target.names.media_bucket, target.names.backups_bucket):
        answer = s3.list_object_versions(Bucket=bucket, MaxKeys=1)
        if answer.get("Versions") or answer.get("DeleteMarkers"):
            yield f"objects in {bucket}"
        if s3.list_multipart_uploads(Bucket=bucket, MaxUploads=1).get("Uploads"):
            yield f"unfinished uploads to {bucket}"


def _state(target: Target) -> Iterator[str]:
    bucket, key = target.names.state_bucket, state_key(target.environment.name)
    state = StoredState.read(target.s3, bucket=bucket, key=key)
    if state.ids:
        yield f"resources in the state: {len(state.ids)}"
