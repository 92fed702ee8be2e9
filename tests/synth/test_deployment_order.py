"""What Terraform makes before what, by references and depends_on."""

from environments.schema.settings import Environment
from tests.synth.template import Template

_DELIVERY = {"terraform": "kubernetes_job_v1.migration", "argocd": "kubernetes_manifest.argocd_application"}


def test_the_delivery_waits_for_secrets_database_network_and_identity(
    template: Template, settings: Environment
) -> None:
    """By Terraform it begins with the migration, by Argo CD with the Application, which makes the rest itself."""
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


def test_web_waits_for_the_name_of_core_api(whole: Template) -> None:
    """Its nginx ends with "host not found in upstream" otherwise, and is started again later and later."""
    assert "kubernetes_service_v1.core_api_service" in whole.dependencies("kubernetes_deployment_v1.web_deployment")


def test_terraform_waits_for_the_migration_but_not_for_a_rollout(whole: Template) -> None:
    """A rollout that fails while Terraform waits taints the Deployment, and the next apply deletes the running pods."""
    assert whole.one("kubernetes_job_v1", "migration")["wait_for_completion"] is True
    for name, body in whole.some("kubernetes_deployment_v1").items():
        assert body["wait_for_rollout"] is False, name


def test_a_database_made_anew_is_migrated_by_an_image_that_has_run_before(whole: Template) -> None:
    migration = whole.one("kubernetes_job_v1", "migration")
    assert migration["lifecycle"]["replace_triggered_by"] == ["terraform_data.database_creation"]


def test_terraform_waits_longer_than_the_migrations_own_deadline(whole: Template) -> None:
    migration = whole.one("kubernetes_job_v1", "migration")
    deadline = migration["spec"]["active_deadline_seconds"]
    for action in ("create", "update"):
        assert int(migration["timeouts"][action].removesuffix("m")) * 60 > deadline


def test_public_loses_the_database_once_the_administrator_can_revoke_it(template: Template) -> None:
    membership = "postgresql_grant_role.database_administrator"
    assert membership in template.dependencies("postgresql_database.database")
    assert membership in template.dependencies("postgresql_grant.database_public")
    assert "postgresql_database.database" in template.dependencies("postgresql_grant.database_public")


def test_external_secrets_wait_for_the_value_that_they_copy(whole: Template, settings: Environment) -> None:
    versions = whole.all("aws_secretsmanager_secret_version")
    assert versions or settings.adopt
    for address in versions:
        secret = {"session_key_value": "session_secret"}.get(address, address.removesuffix("_value"))
        dependencies = whole.dependencies(f"kubernetes_manifest.secrets_{secret}")
        assert f"aws_secretsmanager_secret_version.{address}" in dependencies


def test_external_secrets_wait_for_the_store_and_are_gone_before_it(whole: Template) -> None:
    """Terraform deletes in the opposite order: an ExternalSecret without its store would report an error to the end."""
    copies = [
        address
        for address, body in whole.bodies.items()
        if address.startswith("kubernetes_manifest.") and body["manifest"]["kind"] == "ExternalSecret"
    ]
    assert copies
    for address in copies:
        assert "kubernetes_manifest.secret_store" in whole.dependencies(address), address


def test_the_store_waits_for_all_that_its_role_may_do(template: Template) -> None:
    role = {address for address in template.bodies if address.startswith("aws_iam_") and "secret_store" in address}
    assert len(role) > 1
    account = "kubernetes_service_account_v1.secret_store_account"
    assert {*role, account} <= template.dependencies("kubernetes_manifest.secret_store")


def test_no_resource_waits_for_itself(template: Template) -> None:
    assert not [address for address in template.bodies if address in template.dependencies(address)]
