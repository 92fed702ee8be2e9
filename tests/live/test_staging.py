"""One command deploys staging on real servers; verify passes, and a second plan and deploy change nothing."""

import re
import sys

import pytest

from tests.live.project import Project, Run, changes

pytestmark = pytest.mark.promise("Deploy")


@pytest.mark.stage("deploy")
def test_one_command_deploys_staging(deployed: Run) -> None:
    deployed.says("https://stage.mosaiclife.me/auth/callback")


@pytest.mark.read_only
def test_staging_passes_verify(project: Project, deployed: Run) -> None:
    verified = project.verify("staging").expect(0).says(" 0 failed")
    for url in ("https://stage.mosaiclife.me/", "https://stage-api.mosaiclife.me/healthz"):
        verified.says(f": 200 from {url}")


@pytest.mark.read_only
def test_staging_runs_the_builds_that_its_settings_name(project: Project, deployed: Run) -> None:
    shown = project.run(sys.executable, "-m", "delivery", "images", "staging").expect(0)
    rows = shown.output.splitlines()[1:]
    assert [row.split()[0] for row in rows] == ["web", "core-api"]
    for row in rows:
        digest = re.search(r"  ([0-9a-f]{12}) \(1 pod\)  ", row)
        assert digest is not None, row
        assert f"  {digest[1]}, pushed " in row


@pytest.mark.read_only
def test_a_second_plan_is_empty(project: Project, deployed: Run) -> None:
    assert changes(project.plan("staging")) == {}


def test_a_second_deploy_changes_nothing_and_says_so(project: Project, deployed: Run) -> None:
    project.deploy("staging").expect(0).says(" 0 added, 0 changed, 0 destroyed")
