"""Staging from one command, on real servers: deployed, verified, planned again."""

import pytest
from mypy_boto3_s3 import S3Client

from environments import catalogue
from environments.shared import SHARED
from modules.names import Names
from tests.live.project import Project, Run, changes

pytestmark = pytest.mark.promise("Deploy")
STAGING = Names.of(catalogue.find("staging"), SHARED)


@pytest.mark.stage("deploy")
def test_staging_is_deployed_by_one_command(deployed: Run) -> None:
    assert "https://stage.mosaiclife.me/auth/callback" in deployed.output


@pytest.mark.read_only
def test_staging_is_verified(project: Project, deployed: Run) -> None:
    assert "0 failed" in project.verify("staging").expect(0).output


@pytest.mark.read_only
def test_a_second_plan_is_empty(project: Project, deployed: Run) -> None:
    assert changes(project.plan("staging")) == {}


def test_a_second_deploy_changes_nothing_and_says_so(project: Project, deployed: Run) -> None:
    assert "0 added, 0 changed, 0 destroyed" in project.deploy("staging").expect(0).output


@pytest.mark.promise("Secrets")
def test_no_secret_is_in_a_file_a_state_or_an_output(project: Project, deployed: Run) -> None:
    values = project.secret_values()
    assert len(values) >= 5
    places = {f"output {number}": text.encode() for number, text in enumerate(project.printed)}
    places |= {str(path): path.read_bytes() for path in project.stack("staging").rglob("*") if path.is_file()}
    places |= _objects(project.client("s3"), STAGING.state_bucket)
    assert any("terraform.tfstate" in place for place in places)
    found = [place for place, content in places.items() for value in values if value.encode() in content]
    assert found == []


def _objects(s3: S3Client, bucket: str) -> dict[str, bytes]:
    """Every version of every object of a bucket."""
    versions = s3.list_object_versions(Bucket=bucket).get("Versions", [])
    return {
        f"s3://{bucket}/{version['Key']}?{version['VersionId']}": s3.get_object(
            Bucket=bucket, Key=version["Key"], VersionId=version["VersionId"]
        )["Body"].read()
        for version in versions
    }
