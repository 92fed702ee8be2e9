"""A production that was made by hand is adopted: nothing is lost, nothing is replaced, nothing is overwritten."""

from dataclasses import dataclass

import psycopg
import pytest
from psycopg import sql

from environments import catalogue
from environments.shared import SHARED
from modules.names import Names
from tests.live.project import Project, changes

PROD = Names.of(catalogue.find("prod"), SHARED)


@dataclass(frozen=True)
class Holdings:
    """What production holds that nobody may lose; equal before and after."""

    objects: dict[str, bytes]
    secrets: dict[str, str]
    rows: list[tuple[object, ...]]
    owner: list[tuple[object, ...]]
    role_id: str
    namespace_uid: str


def holdings(project: Project) -> Holdings:
    s3, secrets, iam = project.client("s3"), project.client("secretsmanager"), project.client("iam")
    return Holdings(
        objects={
            f"{bucket}/{item['Key']}?{item['VersionId']}": s3.get_object(
                Bucket=bucket, Key=item["Key"], VersionId=item["VersionId"]
            )["Body"].read()
            for bucket in (PROD.media_bucket, PROD.backups_bucket)
            for item in s3.list_object_versions(Bucket=bucket).get("Versions", [])
        },
        secrets={
            name: secrets.get_secret_value(SecretId=name)["SecretString"]
            for name in (PROD.database_credentials, PROD.session_key)
        },
        rows=_rows(project),
        owner=project.sql("SELECT oid, datdba FROM pg_database WHERE datname = %s", PROD.database),
        role_id=iam.get_role(RoleName=PROD.core_api_role)["Role"]["RoleId"],
        namespace_uid=project.namespaces()[PROD.namespace],
    )


def _rows(project: Project) -> list[tuple[object, ...]]:
    """Every row of every table of the database, read with its own role."""
    with project.login(PROD.database_credentials, PROD.database) as connection:
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1").fetchall()
        return [
            (name, *row)
            for (name,) in tables
            for row in connection.execute(
                sql.SQL("SELECT * FROM {} ORDER BY 1").format(sql.Identifier(name))
            ).fetchall()
        ]


@pytest.fixture(scope="module")
def before(project: Project) -> Holdings:
    found = holdings(project)
    assert found.objects
    assert found.rows
    return found


@pytest.fixture(scope="module")
def first_plan(project: Project, before: Holdings) -> dict[str, list[str]]:
    return changes(project.plan("prod"))


@pytest.fixture(scope="module")
def adopted(project: Project, first_plan: dict[str, list[str]]) -> str:
    return project.deploy("prod").expect(0).output


def test_the_first_plan_destroys_and_replaces_nothing(first_plan: dict[str, list[str]]) -> None:
    assert {address: actions for address, actions in first_plan.items() if "delete" in actions} == {}


def test_the_first_plan_makes_none_of_what_exists(first_plan: dict[str, list[str]]) -> None:
    existing = {
        "aws_iam_role.core_api_role",
        "aws_s3_bucket.backups",
        "aws_s3_bucket.media",
        "aws_secretsmanager_secret.database_credentials",
        "aws_secretsmanager_secret.session_key",
        "kubernetes_namespace_v1.namespace",
        "postgresql_database.database",
        "postgresql_role.database_role",
    }
    assert {address for address in existing if "create" in first_plan.get(address, [])} == set()


def test_adoption_keeps_every_object_row_secret_and_identity(project: Project, before: Holdings, adopted: str) -> None:
    assert "0 destroyed" in adopted
    assert holdings(project) == before


def test_adopted_production_is_verified(project: Project, adopted: str) -> None:
    project.verify("prod").expect(0)


def test_the_plan_after_adoption_is_empty(project: Project, adopted: str) -> None:
    assert changes(project.plan("prod")) == {}


def test_production_refuses_to_be_destroyed(project: Project, before: Holdings, adopted: str) -> None:
    assert "protected" in project.destroy("prod").expect(2).output
    terraform = project.run(
        "terraform", f"-chdir={project.stack('prod')}", "plan", "-destroy", "-input=false", "-no-color"
    )
    assert terraform.code == 1
    assert "prevent_destroy" in terraform.output
    assert holdings(project) == before


def test_productions_login_is_refused_by_staging(project: Project, adopted: str) -> None:
    project.deploy("staging").expect(0)
    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        project.login(PROD.database_credentials, "core_staging")
    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        project.login("mosaic/staging/rds/credentials", PROD.database)
