"""Destroy leaves nothing behind, whatever still runs or is connected; and an environment can be made again."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

import psycopg
import pytest
from lightkube.resources.core_v1 import Pod

from environments.schema import catalogue
from environments.shared import SHARED
from local.state import Cloud
from modules.model.names import Names
from tests.live.data_snapshot import DataSnapshot
from tests.live.project import Project, Run
from tests.live.workflow_identity import REPOSITORY, take_on

pytestmark = [pytest.mark.promise("Destroy"), pytest.mark.stage("destroy")]
STAGING = Names.of(catalogue.find("staging"), SHARED)
PROD = Names.of(catalogue.find("prod"), SHARED)


@dataclass(frozen=True)
class Destruction:
    """Staging was destroyed while it was in use; what production held before it, and the sessions that were open."""

    production: DataSnapshot
    session: psycopg.Connection[tuple[object, ...]]


@pytest.fixture(scope="module")
def deployer(cloud: Cloud, project: Project) -> dict[str, str]:
    """The variables of staging's deploy role: what it may do is enough to destroy staging and to make it again."""
    return take_on(cloud, STAGING.deploy_role, f"{REPOSITORY}:environment:staging")


@pytest.fixture(scope="module")
def destroyed(project: Project, adopted: Run, deployed: Run, deployer: dict[str, str]) -> Iterator[Destruction]:
    """Staging destroyed while pods run, a session holds a lock in its database, and its buckets hold versions."""
    production = DataSnapshot.of(project, PROD)
    running = project.kubernetes.list(Pod, namespace=STAGING.namespace, fields={"status.phase": "Running"})
    assert len(list(running)) >= 2
    for body in (b"first", b"second"):
        project.client("s3").put_object(Bucket=STAGING.media_bucket, Key="kept/object", Body=body)
    with project.login(STAGING.database_credentials, STAGING.database) as session:
        session.execute("CREATE TABLE IF NOT EXISTS held (id int)")
        session.commit()
        session.execute("LOCK TABLE held")
        project.destroy("staging", **deployer).expect(0)
        yield Destruction(production=production, session=session)
        session.close()


def test_sessions_in_its_database_are_ended(destroyed: Destruction) -> None:
    with pytest.raises(psycopg.OperationalError, match=r"terminating connection|closed"):
        destroyed.session.execute("SELECT 1")


def test_no_bucket_is_left_but_the_states(project: Project, destroyed: Destruction) -> None:
    buckets = [bucket["Name"] for bucket in project.client("s3").list_buckets()["Buckets"]]
    assert [name for name in buckets if "staging" in name] == [STAGING.state_bucket]


def test_no_secret_is_left_not_even_one_to_be_restored(project: Project, destroyed: Destruction) -> None:
    """No secret is left, not even one to be restored: the names can be used again at once."""
    secrets = project.client("secretsmanager").list_secrets(IncludePlannedDeletion=True)["SecretList"]
    assert [secret["Name"] for secret in secrets if "staging" in secret["Name"]] == []


def test_no_role_is_left_but_those_that_deliver(project: Project, destroyed: Destruction) -> None:
    """No role is left but those that deliver, which bootstrap made: the next deploy needs them."""
    roles = project.client("iam").list_roles()["Roles"]
    left = {role["RoleName"] for role in roles if "staging" in role["RoleName"]}
    assert left == {STAGING.plan_role, STAGING.deploy_role}


def test_no_database_role_or_membership_is_left(project: Project, destroyed: Destruction) -> None:
    assert project.sql("SELECT datname FROM pg_database WHERE datname = %s", STAGING.database) == []
    assert project.sql("SELECT rolname FROM pg_roles WHERE rolname = %s", STAGING.database_role) == []
    left = project.sql(
        "SELECT roleid::regrole, member::regrole FROM pg_auth_members "
        "WHERE roleid::regrole::text = %s OR member::regrole::text = %s",
        STAGING.database_role,
        STAGING.database_role,
    )
    assert left == []


def test_no_namespace_and_no_pod_is_left(project: Project, destroyed: Destruction) -> None:
    """No namespace is left, which is gone only when everything in it is, and no pod."""
    assert [name for name in project.namespaces() if "staging" in name] == []
    assert list(project.kubernetes.list(Pod, namespace="*", labels={"environment": "staging"})) == []


def test_the_state_is_empty_and_unlocked(project: Project, destroyed: Destruction) -> None:
    client = project.client("s3")
    objects = [item["Key"] for item in client.list_objects_v2(Bucket=STAGING.state_bucket).get("Contents", [])]
    assert [key for key in objects if key.endswith(".tflock")] == []
    for key in objects:
        state = json.loads(client.get_object(Bucket=STAGING.state_bucket, Key=key)["Body"].read())
        assert (state["resources"], state["outputs"]) == ([], {}), key


def test_production_is_untouched(project: Project, destroyed: Destruction) -> None:
    assert DataSnapshot.of(project, PROD) == destroyed.production
    project.verify("prod").expect(0)


def test_destroying_what_is_not_there_says_so_and_is_no_error(project: Project, destroyed: Destruction) -> None:
    project.destroy("staging").expect(0)


def test_an_environment_can_be_made_again_after_it_was_destroyed(
    project: Project, destroyed: Destruction, deployer: dict[str, str]
) -> None:
    project.deploy("staging", **deployer).expect(0)
    project.verify("staging").expect(0)
