"""The workloads of an environment as resources of its stack."""

from collections.abc import Mapping
from dataclasses import replace

from cdktf import TerraformResource
from constructs import Construct

from environments.applications import CORE_API, WEB
from environments.schema.settings import Environment, Shared
from modules.aws.generated_secret import GeneratedSecret
from modules.aws.shared_infrastructure import SharedInfrastructure
from modules.base.terraform import ReadableStack, depend_on
from modules.kubernetes.application import Application
from modules.kubernetes.environment_secrets import EnvironmentSecrets
from modules.kubernetes.migration_job import MigrationJob
from modules.kubernetes.secret_store import SecretStore
from modules.kubernetes.service_account import ServiceAccount
from modules.model.application_spec import ApplicationSpecs
from modules.model.names import Names
from modules.model.secrets import ApplicationSecrets


def deliver_by_terraform(
    stack: ReadableStack,
    *,
    environment: Environment,
    shared: Shared,
    names: Names,
    namespace: str,
    labels: Mapping[str, str],
    infrastructure: SharedInfrastructure,
    store: SecretStore,
    stored: Mapping[str, GeneratedSecret],
    database_creation: TerraformResource,
    core_api_role_arn: str,
    ready: tuple[Construct, ...],
) -> None:
    """Add the workloads to the stack, in the order in which they start.

    Args:
        stack: the environment's stack.
        environment: settings of the environment.
        shared: settings of the account.
        names: physical names of the environment.
        namespace: a reference to the namespace's name.
        labels: labels of all objects.
        infrastructure: what the account already holds.
        store: the store that the pods' secrets are read from.
        stored: the secrets that the environment generates, by their ids.
        database_creation: resource that is replaced when the database is; the migration then runs again.
        core_api_role_arn: ARN of the role of core-api's pods.
        ready: what must be complete before a pod starts.

    """
    # What pods need before they start: secrets and identities
    application_secrets = ApplicationSecrets.of(environment, shared, names)
    secrets = EnvironmentSecrets(
        stack,
        "secrets",
        secrets=application_secrets,
        namespace=namespace,
        labels=labels,
        store=store,
        stored=stored,
    )
    web_account = ServiceAccount(stack, "web-account", name=WEB.name, namespace=namespace, labels=labels)
    core_api_account = ServiceAccount(
        stack,
        "core-api-account",
        name=CORE_API.name,
        namespace=namespace,
        labels=labels,
        role_arn=core_api_role_arn,
    )

    # The migration of this database by this image, then the pods
    specs = ApplicationSpecs.of(environment, shared, names)
    migration = MigrationJob(
        stack,
        "migration",
        name=names.migration_job,
        namespace=namespace,
        labels=labels,
        pod=replace(specs.migration, service_account=core_api_account.name),
        database_creation=database_creation,
    )
    depend_on(migration, secrets, *ready)
    core_api = Application(
        stack,
        "core-api",
        spec=specs.core_api,
        pod=replace(
            specs.core_api.pod,
            service_account=core_api_account.name,
            annotations={
                secret.annotation: stored[secret.id].current_version_id
                for secret in application_secrets.generated
                if secret.id and secret.annotation
            },
        ),
        namespace=namespace,
        ingress_class=shared.ingress_class,
        certificate_arn=infrastructure.certificate_arn,
    )
    web = Application(
        stack,
        "web",
        spec=specs.web,
        pod=replace(specs.web.pod, service_account=web_account.name),
        namespace=namespace,
        ingress_class=shared.ingress_class,
        certificate_arn=infrastructure.certificate_arn,
    )
    for application in (core_api, web):
        depend_on(application, migration)
    # nginx resolves the name that it passes requests on to when it starts, and ends where there is no such Service.
    depend_on(web, core_api.service)
