"""Destroy leaves nothing behind, whatever still runs or is connected; and an environment can be made again."""

import pytest

from environments import catalogue
from environments.shared import SHARED
from local.state import Cloud
from modules.names import Names
from tests.live.project import Project, Run
from tests.live.workflow_identity import REPOSITORY, take_on

pytestmark = [pytest.mark.promise("Destroy"), pytest.mark.stage("destroy")]
STAGING = Names.of(catalogue.find("staging"), SHARED)


@pytest.fixture(scope="module")
def deployer(cloud: Cloud, project: Project) -> dict[str, str]:
    """The variables of staging's deploy role: what it may do is enough to destroy staging and to make it again."""
    return take_on(cloud, STAGING.deploy_role, f"{REPOSITORY}:environment:staging")


def test_destroy_leaves_nothing(project: Project, deployed: Run, deployer: dict[str, str]) -> None:
    project.destroy("staging", **deployer).expect(0)
    assert [name for name in _buckets(project) if "staging" in name] == [STAGING.state_bucket]
    secrets = project.client("secretsmanager").list_secrets()["SecretList"]
    assert [secret["Name"] for secret in secrets if "staging" in secret["Name"]] == []
    roles = project.client("iam").list_roles()["Roles"]
    # What bootstrap made stays: the next deploy needs it.
    left = {role["RoleName"] for role in roles if "staging" in role["RoleName"]}
    assert left == {STAGING.plan_role, STAGING.deploy_role}
    assert project.sql("SELECT datname FROM pg_database WHERE datname = %s", STAGING.database) == []
    assert project.sql("SELECT rolname FROM pg_roles WHERE rolname = %s", STAGING.database_role) == []
    assert [name for name in project.namespaces() if "staging" in name] == []


def test_an_environment_can_be_made_again_after_it_was_destroyed(
    project: Project, deployed: Run, deployer: dict[str, str]
) -> None:
    project.deploy("staging", **deployer).expect(0)
    project.verify("staging").expect(0)


def _buckets(project: Project) -> list[str]:
    return [bucket["Name"] for bucket in project.client("s3").list_buckets()["Buckets"]]
