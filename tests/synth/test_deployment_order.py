"""What Terraform makes before what, by references and depends_on."""

from tests.synth.template import Template


def test_the_migration_waits_for_secrets_database_network_and_identity(template: Template) -> None:
    kinds = ("aws_iam_", "aws_secretsmanager_", "kubernetes_manifest.", "kubernetes_network_policy_", "postgresql_")
    needed = {address for address in template.bodies if address.startswith(kinds)}
    needed |= {"kubernetes_namespace_v1.namespace", "kubernetes_service_account_v1.core_api_account"}
    missing = needed - template.dependencies("kubernetes_job_v1.migration")
    assert not missing, f"the migration may start before {sorted(missing)}"


def test_the_pods_wait_for_the_migration(template: Template) -> None:
    for name in template.all("kubernetes_deployment_v1"):
        assert "kubernetes_job_v1.migration" in template.dependencies(f"kubernetes_deployment_v1.{name}"), name


def test_terraform_waits_for_the_migration_but_not_for_a_rollout(template: Template) -> None:
    """A rollout that fails while Terraform waits taints the Deployment, and the next apply deletes the running pods."""
    assert template.one("kubernetes_job_v1", "migration")["wait_for_completion"] is True
    for name, body in template.all("kubernetes_deployment_v1").items():
        assert body["wait_for_rollout"] is False, name


def test_terraform_waits_longer_than_the_migrations_own_deadline(template: Template) -> None:
    migration = template.one("kubernetes_job_v1", "migration")
    deadline = migration["spec"]["active_deadline_seconds"]
    for action in ("create", "update"):
        assert int(migration["timeouts"][action].removesuffix("m")) * 60 > deadline


def test_the_public_loses_the_database_once_the_administrator_can_take_it_away(template: Template) -> None:
    membership = "postgresql_grant_role.database_administrator"
    assert membership in template.dependencies("postgresql_database.database")
    assert membership in template.dependencies("postgresql_grant.database_public")
    assert "postgresql_database.database" in template.dependencies("postgresql_grant.database_public")


def test_external_secrets_wait_for_the_value_that_they_copy(template: Template) -> None:
    for address in template.all("aws_secretsmanager_secret_version"):
        secret = "database_credentials" if address.startswith("database") else "session_secret"
        dependencies = template.dependencies(f"kubernetes_manifest.secrets_{secret}")
        assert f"aws_secretsmanager_secret_version.{address}" in dependencies


def test_nothing_waits_for_itself(template: Template) -> None:
    assert not [address for address in template.bodies if address in template.dependencies(address)]
