"""Destroy leaves nothing behind, whatever still runs or is connected; and an environment can be created again."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

import psycopg
import pytest
from lightkube.resources.core_v1 import Pod

from environments.applications import CORE_API, WEB
from local.state import Cloud
from modules.model.names import Names, state_key
from tests.account import SETTINGS, SHARED
from tests.live.data_snapshot import DataSnapshot
from tests.live.ingress_results import record_names, rules_of, target_group_owners
from tests.live.project import Project, Run
from tests.live.waiting import CONTROLLER_SECONDS, wait_until
from tests.live.workflow_identity import REPOSITORY, take_on

pytestmark = [pytest.mark.promise("Destroy"), pytest.mark.stage("destroy")]
STAGING = Names.of(SETTINGS.find("staging"), SHARED)
PROD = Names.of(SETTINGS.find("prod"), SHARED)


@dataclass(frozen=True)
class Destruction:
    """Staging, destroyed while in use; production's data before that, and the sessions that were open."""

    production: DataSnapshot
    session: psycopg.Connection[tuple[object, ...]]


@pytest.fixture(scope="module")
def deployer(cloud: Cloud, project: Project) -> dict[str, str]:
    """The variables of staging's deploy role, which can destroy staging and create it again."""
    return take_on(cloud, STAGING.deploy_role, f"{REPOSITORY}:environment:staging")


@pytest.fixture(scope="module")
def destroyed(project: Project, adopted: Run, deployed: Run, deployer: dict[str, str]) -> Iterator[Destruction]:
    """Destroy staging while pods run, a session holds a lock in its database, and its buckets hold versions."""
    production = DataSnapshot.of(project, PROD)
    assert {CORE_API.name, WEB.name} <= {_application(pod) for pod in _pods(project) if _is_running(pod)}
    for body in (b"first", b"second"):
        project.client("s3").put_object(Bucket=STAGING.media_bucket, Key="kept/object", Body=body)
    with project.login(STAGING.database_credentials, STAGING.database) as session:
        session.execute("CREATE TABLE IF NOT EXISTS held (id int)")
        session.commit()
        session.execute("LOCK TABLE held")
        project.destroy("staging", **deployer).expect(0)
        yield Destruction(production=production, session=session)
        session.close()


def _pods(project: Project) -> list[Pod]:
    """Return staging's pods in every namespace."""
    return list(project.kubernetes.list(Pod, namespace="*", labels={"environment": "staging"}))


def _application(pod: Pod) -> str | None:
    return ((pod.metadata and pod.metadata.labels) or {}).get("app")


def _is_running(pod: Pod) -> bool:
    return pod.status is not None and pod.status.phase == "Running"


def test_destroy_ends_the_sessions_in_its_database(destroyed: Destruction) -> None:
    with pytest.raises(psycopg.OperationalError, match=r"terminating connection|closed"):
        destroyed.session.execute("SELECT 1")


def test_destroy_leaves_no_bucket_except_the_state_bucket(project: Project, destroyed: Destruction) -> None:
    buckets = [bucket["Name"] for bucket in project.client("s3").list_buckets()["Buckets"]]
    assert [name for name in buckets if "staging" in name] == [STAGING.state_bucket]


def test_destroy_leaves_no_secret_except_bootstraps_logins(project: Project, destroyed: Destruction) -> None:
    """Destroy leaves no secret except bootstrap's logins, not even a restorable one: the names are free at once."""
    secrets = project.client("secretsmanager").list_secrets(IncludePlannedDeletion=True)["SecretList"]
    names = {secret["Name"] for secret in secrets}
    assert {PROD.database_credentials, PROD.session_key} <= names
    assert {name for name in names if "staging" in name} == {STAGING.deploy_login, STAGING.plan_login}


def test_destroy_leaves_no_role_except_the_delivery_roles(project: Project, destroyed: Destruction) -> None:
    """Destroy leaves no role except the delivery roles, which bootstrap created and the next deploy needs."""
    roles = project.client("iam").list_roles()["Roles"]
    left = {role["RoleName"] for role in roles if "staging" in role["RoleName"]}
    assert left == {STAGING.plan_role, STAGING.deploy_role}


def test_destroy_leaves_no_database_role_or_membership(project: Project, destroyed: Destruction) -> None:
    assert project.sql("SELECT datname FROM pg_database WHERE datname = %s", PROD.database)
    assert project.sql("SELECT datname FROM pg_database WHERE datname = %s", STAGING.database) == []
    assert project.sql("SELECT rolname FROM pg_roles WHERE rolname = %s", STAGING.database_role) == []
    left = project.sql(
        "SELECT roleid::regrole, member::regrole FROM pg_auth_members "
        "WHERE roleid::regrole::text = %s OR member::regrole::text = %s",
        STAGING.database_role,
        STAGING.database_role,
    )
    assert left == []


def test_destroy_leaves_no_namespace_and_no_pod(project: Project, destroyed: Destruction) -> None:
    """Destroy leaves no pod and no namespace; a namespace disappears only after everything in it."""
    namespaces = set(project.namespaces())
    assert PROD.namespace in namespaces
    assert {name for name in namespaces if "staging" in name} == set()
    assert _pods(project) == []


def test_destroy_leaves_no_target_group_no_rule_and_no_dns_record(project: Project, destroyed: Destruction) -> None:
    settings = SETTINGS.find("staging")
    hosts = {host for workload in (settings.web, settings.core_api) for host in workload.hosts}

    def left() -> list[str]:
        rules = rules_of(project, SHARED.load_balancer_group)
        return [
            *(owner for owner in target_group_owners(project) if owner.startswith(f"{STAGING.namespace}/")),
            *(str(rule) for rule in rules if hosts.intersection(rule.hosts)),
            *(name for name in record_names(project) if any(host in name for host in hosts)),
        ]

    # external-dns watches for changes, and otherwise looks once a minute.
    wait_until(lambda: left() == [], "nothing is left of staging's ingresses", seconds=CONTROLLER_SECONDS)
    assert any(owner.startswith(f"{PROD.namespace}/") for owner in target_group_owners(project))


def test_destroy_leaves_an_empty_unlocked_state(project: Project, destroyed: Destruction) -> None:
    client = project.client("s3")
    objects = [item["Key"] for item in client.list_objects_v2(Bucket=STAGING.state_bucket).get("Contents", [])]
    assert [key for key in objects if key.endswith(".tflock")] == []
    assert state_key("staging") in objects
    for key in objects:
        state = json.loads(client.get_object(Bucket=STAGING.state_bucket, Key=key)["Body"].read())
        assert (state["resources"], state["outputs"]) == ([], {}), key


def test_destroying_staging_leaves_production_untouched(project: Project, destroyed: Destruction) -> None:
    assert DataSnapshot.of(project, PROD) == destroyed.production
    project.verify("prod").expect(0)


def test_destroying_an_absent_environment_says_so_and_succeeds(project: Project, destroyed: Destruction) -> None:
    project.destroy("staging").expect(0).says(" 0 destroyed")


def test_a_destroyed_environment_can_be_deployed_again(
    project: Project, destroyed: Destruction, deployer: dict[str, str]
) -> None:
    project.deploy("staging", **deployer).expect(0)
    project.verify("staging").expect(0)
