"""The database on the shared server."""

import re

from environments.schema.settings import Environment
from tests.synth.template import Template


def test_postgresql_is_accessed_over_tls_and_not_as_a_superuser(template: Template) -> None:
    (provider,) = template.document["provider"]["postgresql"]
    cluster = "data.aws_rds_cluster.shared_rds_cluster"
    assert provider["sslmode"] == "require"
    assert provider["superuser"] is False
    assert re.fullmatch(r"mosaic_\w+_deploy", provider["database_username"])
    assert (provider["host"], provider["port"]) == (f"${{{cluster}.endpoint}}", f"${{{cluster}.port}}")


def test_the_database_belongs_to_its_role_and_is_closed_to_public(template: Template) -> None:
    role = template.one("postgresql_role", "database_role")
    database = template.resolve(template.one("postgresql_database", "database"))
    assert database["owner"] == role["name"]
    grant = template.resolve(template.one("postgresql_grant", "database_public"))
    assert {key: grant[key] for key in ("database", "role", "object_type", "privileges")} == {
        "database": database["name"],
        "role": "public",
        "object_type": "database",
        "privileges": [],
    }
    membership = template.resolve(template.one("postgresql_grant_role", "database_deployer"))
    assert membership["grant_role"] == role["name"]
    assert membership["role"] == template.document["provider"]["postgresql"][0]["database_username"]
    # Not set (PostgreSQL 16 refuses it), but read back as true.
    assert "with_admin_option" not in membership
    assert membership["lifecycle"]["ignore_changes"] == ["with_admin_option"]


def test_the_planner_may_only_connect(template: Template) -> None:
    """Terraform reads the grants in the database."""
    planner = template.resolve(template.one("postgresql_grant", "database_planner_connect"))
    assert planner["database"] == template.one("postgresql_database", "database")["name"]
    assert re.fullmatch(r"mosaic_\w+_plan", planner["role"])
    assert (planner["object_type"], planner["privileges"]) == ("database", ["CONNECT"])
    # Concurrent grants on one database fail.
    assert "postgresql_grant.database_public" in template.dependencies("postgresql_grant.database_planner_connect")


def test_a_database_with_extensions_is_copied_from_its_template_only_once(
    template: Template, settings: Environment
) -> None:
    database = template.one("postgresql_database", "database")
    assert database.get("template") == (f"{database['name']}_template" if settings.database.extensions else None)
    assert database["lifecycle"]["ignore_changes"] == ["template"]


def test_a_recreated_database_is_a_change_and_an_existing_one_is_not(template: Template) -> None:
    """The id is unknown only during creation; any other attribute could change without a new database."""
    creation = template.one("terraform_data", "database_creation")
    assert creation == {"triggers_replace": "${postgresql_database.database.id}"}
