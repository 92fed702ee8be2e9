"""Raising one number in an environment's file replaces a password or the session key, and nothing else."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest
from itsdangerous import BadSignature, URLSafeTimedSerializer
from lightkube.resources.apps_v1 import Deployment
from lightkube.resources.core_v1 import Pod

from environments.applications import CORE_API, WEB
from modules.model.names import Names
from tests.account import SETTINGS, SHARED
from tests.live.data_snapshot import DataSnapshot
from tests.live.project import Project, Run, changes
from tests.live.rotation import rotated

pytestmark = pytest.mark.promise("Rotation")
NAMES = Names.of(SETTINGS.find("staging"), SHARED)
# The step that stores a value runs again; the former value stays as AWSPREVIOUS.
_STORED = ["delete", "create"]
PASSWORD_CHANGES = {
    "terraform_data.database_credentials_value": _STORED,
    "postgresql_role.database_role": ["update"],
    "kubernetes_manifest.secrets_database_credentials": ["update"],
    "kubernetes_deployment_v1.core_api_deployment": ["update"],
}
SESSION_KEY_CHANGES = {
    "terraform_data.session_key_value": _STORED,
    "kubernetes_manifest.secrets_session_secret": ["update"],
    "kubernetes_deployment_v1.core_api_deployment": ["update"],
}


@dataclass(frozen=True)
class State:
    """What a rotation must change or keep."""

    credentials: dict[str, str] = field(repr=False)
    session_key: str = field(repr=False)
    snapshot: DataSnapshot
    annotations: dict[str, dict[str, str]]
    pods: dict[str, set[str]]

    @classmethod
    def of(cls, project: Project) -> "State":
        applications = (WEB.name, CORE_API.name)
        return cls(
            credentials=project.secret(NAMES.database_credentials),
            session_key=project.secret(NAMES.session_key)["secret-key"],
            snapshot=DataSnapshot.of(project, NAMES),
            annotations={name: _annotations(project, name) for name in applications},
            pods={name: _pods(project, name) for name in applications},
        )


@dataclass(frozen=True)
class Rotation:
    """Staging before and after one deploy rotated both values, and the verification afterwards."""

    before: State
    after: State
    verified: Run


@pytest.fixture(scope="module")
def rotation(project: Project, deployed: Run, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rotation]:
    before = State.of(project)
    try:
        copy = rotated(project, tmp_path_factory.mktemp("rotation") / "copy")
        copy.deploy("staging").expect(0)
        # It also waits for the rollout. A test of its own judges it, so that the others still say what else is broken.
        verified = project.verify("staging")
        yield Rotation(before=before, after=State.of(project), verified=verified)
    finally:
        project.deploy("staging").expect(0)
        project.verify("staging").expect(0)


@pytest.mark.usefixtures("deployed")
@pytest.mark.parametrize(
    ("database", "session", "expected"),
    [(2, 1, PASSWORD_CHANGES), (1, 2, SESSION_KEY_CHANGES)],
    ids=["password", "session key"],
)
def test_one_raised_number_plans_only_the_expected_changes(
    project: Project, tmp_path: Path, database: int, session: int, expected: dict[str, list[str]]
) -> None:
    copy = rotated(project, tmp_path / "copy", database=database, session=session)
    planned = changes(copy.plan("staging"))
    differing = sorted(name for name in planned.keys() | expected if planned.get(name) != expected.get(name))
    found = {name: planned.get(name, "no change") for name in differing}
    assert not found, f"planned: {found}; expected: { {name: expected.get(name, 'no change') for name in differing} }"


def test_a_rotated_environment_passes_verify(rotation: Rotation) -> None:
    rotation.verified.expect(0)


def test_the_old_password_is_refused_and_the_new_one_works(project: Project, rotation: Rotation) -> None:
    old, new = rotation.before.credentials, rotation.after.credentials
    changed = {name for name, value in new.items() if value != old[name]}
    assert changed == {"password"}
    with project.login(NAMES.database_credentials, NAMES.database) as connection:
        assert connection.execute("SELECT session_user").fetchone() == (NAMES.database_role,)
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        project.log_in(old, NAMES.database)


def test_a_cookie_signed_before_a_rotation_is_refused_after_it(rotation: Rotation) -> None:
    """A cookie signed before a rotation is refused after it: every user is logged out."""
    cookie = URLSafeTimedSerializer(rotation.before.session_key).dumps({"user": 1})
    with pytest.raises(BadSignature):
        URLSafeTimedSerializer(rotation.after.session_key).loads(cookie)


def test_a_rotation_replaces_the_pods_that_read_the_values(rotation: Rotation) -> None:
    before, after = rotation.before, rotation.after
    changed = {
        name
        for name, value in after.annotations[CORE_API.name].items()
        if value != before.annotations[CORE_API.name].get(name)
    }
    assert changed == {"mosaic-life/database-credentials", "mosaic-life/session-key"}
    assert before.pods[CORE_API.name]
    kept = before.pods[CORE_API.name] & after.pods[CORE_API.name]
    assert not kept, f"{len(kept)} pods of core-api still run with the old values"


def test_a_rotation_keeps_pods_that_read_no_rotated_value(rotation: Rotation) -> None:
    assert rotation.before.pods[WEB.name]
    assert rotation.after.annotations[WEB.name] == rotation.before.annotations[WEB.name]
    assert rotation.after.pods[WEB.name] == rotation.before.pods[WEB.name]


def test_a_rotation_keeps_data_and_identities(rotation: Rotation) -> None:
    before, after = rotation.before.snapshot, rotation.after.snapshot
    assert after.without_secrets() == before.without_secrets()


def test_the_previous_value_stays_readable_as_awsprevious(project: Project, rotation: Rotation) -> None:
    """The previous value stays readable as AWSPREVIOUS, so that a rotation can be undone."""
    client = project.client("secretsmanager")
    previous = client.get_secret_value(SecretId=NAMES.database_credentials, VersionStage="AWSPREVIOUS")["SecretString"]
    kept = rotation.before.credentials["password"] in previous
    assert kept


def _annotations(project: Project, name: str) -> dict[str, str]:
    deployment = project.kubernetes.get(Deployment, name, namespace=NAMES.namespace)
    assert deployment.spec is not None
    assert deployment.spec.template.metadata is not None
    return dict(deployment.spec.template.metadata.annotations or {})


def _pods(project: Project, name: str) -> set[str]:
    """Return the uids of the pods that stay, without those that are terminating."""
    return {
        str(pod.metadata.uid)
        for pod in project.kubernetes.list(Pod, namespace=NAMES.namespace, labels={"app": name})
        if pod.metadata and not pod.metadata.deletionTimestamp
        if not any(owner.kind == "Job" for owner in pod.metadata.ownerReferences or [])
    }
