"""The order in which Terraform creates resources, by references and depends_on."""

from environments.schema.settings import Environment
from tests.synth.template import Template

_DELIVERY = {"terraform": "kubernetes_job_v1.migration", "argocd": "kubernetes_manifest.argocd_application"}


def test_the_delivery_waits_for_secrets_database_network_and_identity(
    template: Template, settings: Environment
) -> None:
    """Terraform's delivery begins with the migration; Argo CD's with the Application, which makes the rest."""
    delivery = _DELIVERY[settings.delivery]
    kinds = (
        *("aws_iam_", "aws_secretsmanager_", "kubernetes_manifest.", "kubernetes_network_policy_", "postgresql_"),
        *("kubernetes_namespace_", "kubernetes_service_account_v1.core_api_"),
    )
    needed = {address for address in template.bodies if address.startswith(kinds)} - {delivery}
    assert needed
    missing = needed - template.dependencies(delivery)
    assert not missing, f"{delivery} may start before {sorted(missing)}"


def test_the_pods_wait_for_the_migration(whole: Template) -> None:
    for name in whole.some("kubernetes_deployment_v1"):
        assert "kubernetes_job_v1.migration" in whole.dependencies(f"kubernetes_deployment_v1.{name}"), name


def test_web_waits_for_core_apis_service(whole: Template) -> None:
    """Otherwise its nginx exits with "host not found in upstream" and restarts with increasing delays."""
    assert "kubernetes_service_v1.core_api_service" in whole.dependencies("kubernetes_deployment_v1.web_deployment")


def test_terraform_waits_for_the_migration_but_not_for_a_rollout(whole: Template) -> None:
    """A rollout that fails while Terraform waits taints the Deployment, and the next apply deletes the running pods."""
    assert whole.one("kubernetes_job_v1", "migration")["wait_for_completion"] is True
    for name, body in whole.some("kubernetes_deployment_v1").items():
        assert body["wait_for_rollout"] is False, name


def test_a_recreated_database_is_migrated_by_an_image_that_already_ran(whole: Template) -> None:
    migration = whole.one("kubernetes_job_v1", "migration")
    assert migration["lifecycle"]["replace_triggered_by"] == ["terraform_data.database_creation"]


def test_terraform_waits_longer_than_the_migrations_own_deadline(whole: Template) -> None:
    migration = whole.one("kubernetes_job_v1", "migration")
    deadline = migration["spec"]["active_deadline_seconds"]
    for action in ("create", "update"):
        assert int(migration["timeouts"][action].removesuffix("m")) * 60 > deadline


def test_public_loses_the_database_once_the_deployer_can_revoke_it(template: Template) -> None:
    membership = "postgresql_grant_role.database_deployer"
    assert membership in template.dependencies("postgresql_database.database")
    assert membership in template.dependencies("postgresql_grant.database_public")
    assert "postgresql_database.database" in template.dependencies("postgresql_grant.database_public")


def test_external_secrets_wait_for_the_value_they_copy(whole: Template) -> None:
    for name in whole.some("aws_secretsmanager_secret"):
        secret = {"session_key": "session_secret"}.get(name, name)
        assert f"terraform_data.{name}_value" in whole.dependencies(f"kubernetes_manifest.secrets_{secret}")


def test_external_secrets_are_created_after_the_store_and_deleted_before_it(whole: Template) -> None:
    """Terraform deletes in reverse order; an ExternalSecret without its store would report errors until deleted."""
    copies = [
        address
        for address, body in whole.bodies.items()
        if address.startswith("kubernetes_manifest.") and body["manifest"]["kind"] == "ExternalSecret"
    ]
    assert copies
    for address in copies:
        assert "kubernetes_manifest.secret_store" in whole.dependencies(address), address


def test_the_store_waits_for_all_its_roles_permissions(template: Template) -> None:
    role = {address for address in template.bodies if address.startswith("aws_iam_") and "secret_store" in address}
    assert len(role) > 1
    account = "kubernetes_service_account_v1.secret_store_account"
    assert {*role, account} <= template.dependencies("kubernetes_manifest.secret_store")


def test_no_resource_waits_for_itself(template: Template) -> None:
    assert not [address for address in template.bodies if address in template.dependencies(address)]
