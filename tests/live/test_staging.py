"""Staging from one command, on real servers: deployed, verified, planned again, destroyed.

The tests of this file build on each other in their order, as a user's day does.
"""

import pytest
from mypy_boto3_s3 import S3Client

from environments import catalogue
from environments.shared import SHARED
from modules.names import Names
from tests.live.project import Project, Run, changes

STAGING = Names.of(catalogue.find("staging"), SHARED)


@pytest.fixture(scope="module")
def deployed(project: Project) -> Run:
    return project.deploy("staging").expect(0)


def test_staging_is_deployed_by_one_command(deployed: Run) -> None:
    assert "https://stage.mosaiclife.me/auth/callback" in deployed.output


def test_staging_is_verified(project: Project, deployed: Run) -> None:
    assert "0 failed" in project.verify("staging").expect(0).output


def test_a_second_plan_is_empty(project: Project, deployed: Run) -> None:
    assert changes(project.plan("staging")) == {}


def test_a_second_deploy_changes_nothing_and_says_so(project: Project, deployed: Run) -> None:
    assert "0 added, 0 changed, 0 destroyed" in project.deploy("staging").expect(0).output


def test_no_secret_is_in_a_file_a_state_or_an_output(project: Project, deployed: Run) -> None:
    values = project.secret_values()
    assert len(values) >= 5
    places = {f"output {number}": text.encode() for number, text in enumerate(project.printed)}
    places |= {str(path): path.read_bytes() for path in project.stack("staging").rglob("*") if path.is_file()}
    places |= _objects(project.client("s3"), STAGING.state_bucket)
    assert any("terraform.tfstate" in place for place in places)
    found = [place for place, content in places.items() for value in values if value.encode() in content]
    assert found == []


def test_destroy_leaves_nothing(project: Project, deployed: Run) -> None:
    project.destroy("staging").expect(0)
    assert [name for name in _buckets(project) if "staging" in name] == [STAGING.state_bucket]
    secrets = project.client("secretsmanager").list_secrets()["SecretList"]
    assert [secret["Name"] for secret in secrets if "staging" in secret["Name"]] == []
    roles = project.client("iam").list_roles()["Roles"]
    assert [role["RoleName"] for role in roles if "staging" in role["RoleName"]] == []
    assert project.sql("SELECT datname FROM pg_database WHERE datname = %s", STAGING.database) == []
    assert project.sql("SELECT rolname FROM pg_roles WHERE rolname = %s", STAGING.database_role) == []
    assert [name for name in project.namespaces() if "staging" in name] == []


def test_an_environment_can_be_made_again_after_it_was_destroyed(project: Project, deployed: Run) -> None:
    project.deploy("staging").expect(0)
    project.verify("staging").expect(0)


def _buckets(project: Project) -> list[str]:
    return [bucket["Name"] for bucket in project.client("s3").list_buckets()["Buckets"]]


def _objects(s3: S3Client, bucket: str) -> dict[str, bytes]:
    """Every version of every object of a bucket."""
    versions = s3.list_object_versions(Bucket=bucket).get("Versions", [])
    return {
        f"s3://{bucket}/{version['Key']}?{version['VersionId']}": s3.get_object(
            Bucket=bucket, Key=version["Key"], VersionId=version["VersionId"]
        )["Body"].read()
        for version in versions
    }
