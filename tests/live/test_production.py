"""Production, built by hand, is adopted: nothing is lost, replaced or overwritten."""

import pytest
import tftest

from modules.model.names import Names
from tests.account import SETTINGS, SHARED
from tests.live.data_snapshot import DataSnapshot
from tests.live.project import Project, Run, actions, changes, imports

pytestmark = pytest.mark.promise("Adoption")
PROD = Names.of(SETTINGS.find("prod"), SHARED)
# Created by hand; Terraform must adopt it unchanged.
HAND_MADE = {
    "aws_iam_role.core_api_role",
    "aws_s3_bucket.backups",
    "aws_s3_bucket.media",
    "aws_secretsmanager_secret.database_credentials",
    "aws_secretsmanager_secret.session_key",
    "kubernetes_namespace_v1.namespace",
    "postgresql_database.database",
    "postgresql_role.database_role",
}


@pytest.mark.stage("deploy")
def test_the_first_plan_destroys_and_replaces_nothing(first_plan: tftest.TerraformPlanOutput) -> None:
    assert {address: done for address, done in actions(first_plan).items() if "delete" in done} == {}


@pytest.mark.stage("deploy")
def test_the_first_plan_imports_everything_that_exists_and_creates_none_of_it(
    first_plan: tftest.TerraformPlanOutput,
) -> None:
    assert imports(first_plan) == HAND_MADE
    planned = actions(first_plan)
    assert {address: planned[address] for address in HAND_MADE if "create" in planned[address]} == {}


@pytest.mark.stage("deploy")
def test_the_first_plan_creates_the_secret_that_production_lacks(first_plan: tftest.TerraformPlanOutput) -> None:
    assert actions(first_plan)["aws_secretsmanager_secret.internal_api_token"] == ["create"]


@pytest.mark.stage("deploy")
def test_adoption_destroys_nothing(adopted: Run) -> None:
    adopted.says(" 0 destroyed")


def test_adoption_keeps_every_object_row_secret_and_identity(
    project: Project, hand_made: DataSnapshot, adopted: Run
) -> None:
    assert DataSnapshot.of(project, PROD).without_new_secrets(hand_made) == hand_made


@pytest.mark.read_only
def test_adopted_production_passes_verify(project: Project, adopted: Run) -> None:
    project.verify("prod").expect(0)


@pytest.mark.read_only
def test_the_plan_after_adoption_is_empty(project: Project, adopted: Run) -> None:
    assert changes(project.plan("prod")) == {}


@pytest.mark.promise("Destroy")
def test_production_refuses_to_be_destroyed(project: Project, hand_made: DataSnapshot, adopted: Run) -> None:
    project.destroy("prod").expect(2).says("protected")
    terraform = project.run(
        "terraform", f"-chdir={project.stack('prod')}", "plan", "-destroy", "-input=false", "-no-color"
    )
    terraform.expect(1).says("prevent_destroy")
    assert DataSnapshot.of(project, PROD).without_new_secrets(hand_made) == hand_made
