"""A production that was made by hand is adopted: nothing is lost, nothing is replaced, nothing is overwritten."""

import pytest

from environments.schema import catalogue
from environments.shared import SHARED
from modules.model.names import Names
from tests.live.holdings import Holdings
from tests.live.project import Project, Run, changes

pytestmark = pytest.mark.promise("Adoption")
PROD = Names.of(catalogue.find("prod"), SHARED)


@pytest.mark.stage("deploy")
def test_the_first_plan_destroys_and_replaces_nothing(first_plan: dict[str, list[str]]) -> None:
    assert {address: actions for address, actions in first_plan.items() if "delete" in actions} == {}


@pytest.mark.stage("deploy")
def test_the_first_plan_makes_none_of_what_exists(first_plan: dict[str, list[str]]) -> None:
    existing = {
        "aws_iam_role.core_api_role",
        "aws_s3_bucket.backups",
        "aws_s3_bucket.media",
        "aws_secretsmanager_secret.database_credentials",
        "aws_secretsmanager_secret.session_key",
        "aws_secretsmanager_secret.internal_api_token",
        "kubernetes_namespace_v1.namespace",
        "postgresql_database.database",
        "postgresql_role.database_role",
    }
    assert {address for address in existing if "create" in first_plan.get(address, [])} == set()


@pytest.mark.stage("deploy")
def test_adoption_destroys_nothing(adopted: Run) -> None:
    adopted.says(" 0 destroyed")


def test_adoption_keeps_every_object_row_secret_and_identity(
    project: Project, hand_made: Holdings, adopted: Run
) -> None:
    assert Holdings.of(project, PROD) == hand_made


@pytest.mark.read_only
def test_adopted_production_is_verified(project: Project, adopted: Run) -> None:
    project.verify("prod").expect(0)


@pytest.mark.read_only
def test_the_plan_after_adoption_is_empty(project: Project, adopted: Run) -> None:
    assert changes(project.plan("prod")) == {}


@pytest.mark.promise("Destroy")
def test_production_refuses_to_be_destroyed(project: Project, hand_made: Holdings, adopted: Run) -> None:
    project.destroy("prod").expect(2).says("protected")
    terraform = project.run(
        "terraform", f"-chdir={project.stack('prod')}", "plan", "-destroy", "-input=false", "-no-color"
    )
    terraform.expect(1).says("prevent_destroy")
    assert Holdings.of(project, PROD) == hand_made
