"""Staging from one command, on real servers: deployed, verified, planned again."""

import pytest

from tests.live.project import Project, Run, changes

pytestmark = pytest.mark.promise("Deploy")


@pytest.mark.stage("deploy")
def test_staging_is_deployed_by_one_command(deployed: Run) -> None:
    deployed.says("https://stage.mosaiclife.me/auth/callback")


@pytest.mark.read_only
def test_staging_is_verified(project: Project, deployed: Run) -> None:
    verified = project.verify("staging").expect(0).says(" 0 failed")
    for url in ("https://stage.mosaiclife.me/", "https://stage-api.mosaiclife.me/healthz"):
        verified.says(f": 200 from {url}")


@pytest.mark.read_only
def test_a_second_plan_is_empty(project: Project, deployed: Run) -> None:
    assert changes(project.plan("staging")) == {}


def test_a_second_deploy_changes_nothing_and_says_so(project: Project, deployed: Run) -> None:
    project.deploy("staging").expect(0).says(" 0 added, 0 changed, 0 destroyed")
