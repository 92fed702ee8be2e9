"""A whole environment in the order in which it is deployed."""

from cdktf import TerraformOutput
from constructs import Construct

from environments.applications import CORE_API, WEB
from environments.settings import Environment, Shared
from modules.application_pods import migration_pod, serving_pod
from modules.cloud import Cloud
from modules.core_api_environment import core_api_environment
from modules.database import Database
from modules.environment_secrets import EnvironmentSecrets
from modules.generated_secret import GeneratedSecret
from modules.kubernetes.migration import Migration
from modules.kubernetes.namespace import Namespace
from modules.kubernetes.network_policies import NetworkPolicies
from modules.kubernetes.service_account import ServiceAccount
from modules.kubernetes.workload import Workload
from modules.names import Names
from modules.private_bucket import Lifecycle, PrivateBucket
from modules.service_role import ServiceRole
from modules.shared_infrastructure import SharedInfrastructure
from modules.tags import aws_tags, labels, selector_labels
from modules.terraform import ReadableStack, wait

# Letters and digits: 64 of them hold 381 random bits, and the session key needs at least 256.
_SESSION_KEY_LENGTH = 64


class EnvironmentStack(ReadableStack):
    """One environment: its own Terraform stack with its own state, and only what it reads in common with another.

    environment, shared: the settings. cloud: where it runs. Raises InvalidNameError for a name that a service refuses.
    """

    def __init__(self, scope: Construct, id_: str, *, environment: Environment, shared: Shared, cloud: Cloud) -> None:
        super().__init__(scope, id_)
        names = Names.of(environment, shared)
        common = labels(environment, shared)
        protected, adopt = environment.protected, environment.adopt
        origins = [f"https://{host}" for host in environment.hosts]

        # State and providers
        cloud.add_backend(self, bucket=names.state_bucket, key=f"{environment.name}/terraform.tfstate", shared=shared)
        cloud.add_aws_provider(self, shared=shared, tags=aws_tags(environment, shared))

        # What the account already holds
        infrastructure = SharedInfrastructure(self, "shared", environment=environment, shared=shared)
        infrastructure.add_kubernetes_provider(self)
        infrastructure.add_postgresql_provider(self)

        # Data: buckets, session key, database
        media = PrivateBucket(
            self,
            "media",
            name=names.media_bucket,
            lifecycle=Lifecycle(
                infrequent_access_after=environment.media.infrequent_access_after,
                old_versions_expire_after=environment.media.old_versions_expire_after,
            ),
            cors_origins=origins,
            protected=protected,
            adopt=adopt,
        )
        backups = PrivateBucket(
            self,
            "backups",
            name=names.backups_bucket,
            lifecycle=Lifecycle(expire_after=environment.backups.expire_after),
            protected=protected,
            adopt=adopt,
        )
        session_key = GeneratedSecret(
            self,
            "session-key",
            name=names.session_key,
            version=environment.session.key_version,
            length=_SESSION_KEY_LENGTH,
            content=lambda random: {"secret-key": random},
            protected=protected,
            adopt=adopt,
        )
        database = Database(
            self,
            "database",
            name=names.database,
            role=names.database_role,
            credentials_path=names.database_credentials,
            credentials_version=environment.database.credentials_version,
            extensions=environment.database.extensions,
            shared=infrastructure,
            protected=protected,
            adopt=adopt,
        )

        # The role of core-api's pods: this environment's buckets and secrets
        role = ServiceRole(
            self,
            "core-api-role",
            name=names.core_api_role,
            namespace=names.namespace,
            service_account=CORE_API.name,
            shared=infrastructure,
            adopt=adopt,
        )
        media.grant_read_write(role)
        backups.grant_read_write(role)
        role.grant("secrets", database.credentials.read_grant, session_key.read_grant)

        # The namespace with its limits and its network
        namespace = Namespace(
            self,
            "namespace",
            name=names.namespace,
            labels=common,
            quota=environment.quota,
            protected=protected,
            adopt=adopt,
        )
        network = NetworkPolicies(
            self,
            "network",
            namespace=namespace.name,
            labels=common,
            container_port=CORE_API.container_port,
            shared=infrastructure,
        )

        # What pods need before they start: secrets and identities
        secrets = EnvironmentSecrets(
            self,
            "secrets",
            namespace=namespace.name,
            labels=common,
            database=database.credentials,
            session=session_key,
            shared=shared,
        )
        web_account = ServiceAccount(self, "web-account", name=WEB.name, namespace=namespace.name, labels=common)
        core_api_account = ServiceAccount(
            self,
            "core-api-account",
            name=CORE_API.name,
            namespace=namespace.name,
            labels=common,
            role_arn=role.arn,
        )

        # The database migration of this image, then the pods
        core_api_labels = selector_labels(CORE_API, names.instance)
        core_api_pod = serving_pod(
            CORE_API,
            environment.core_api,
            registry=shared.image_registry,
            tag=environment.image_tag,
            service_account=core_api_account.name,
            labels={**common, **core_api_labels},
            variables=core_api_environment(
                environment=environment,
                shared=shared,
                names=names,
                database_url=secrets.database_url,
                session_key=secrets.session_key,
                google_client_id=secrets.google_client_id,
                google_client_secret=secrets.google_client_secret,
            ),
            # Pods read a Secret when they start: a new value in it is a new annotation, and so a rollout.
            annotations={
                "mosaic-life/database-credentials": database.credentials.stored,
                "mosaic-life/session-key": session_key.stored,
            },
        )
        migration = Migration(
            self,
            "migration",
            name=names.migration_job,
            namespace=namespace.name,
            labels=common,
            pod=migration_pod(core_api_pod, command=CORE_API.migration_command),
        )
        wait(migration, database, secrets, network, role)
        core_api = Workload(
            self,
            "core-api",
            application=CORE_API,
            workload=environment.core_api,
            namespace=namespace.name,
            labels=common,
            selector=core_api_labels,
            pod=core_api_pod,
            shared=shared,
            certificate_arn=infrastructure.certificate_arn,
        )
        web_labels = selector_labels(WEB, names.instance)
        web = Workload(
            self,
            "web",
            application=WEB,
            workload=environment.web,
            namespace=namespace.name,
            labels=common,
            selector=web_labels,
            pod=serving_pod(
                WEB,
                environment.web,
                registry=shared.image_registry,
                tag=environment.image_tag,
                service_account=web_account.name,
                labels={**common, **web_labels},
            ),
            shared=shared,
            certificate_arn=infrastructure.certificate_arn,
        )
        for workload in (core_api, web):
            wait(workload, migration)

        # What people and other systems need to know
        outputs = {
            "web_urls": [f"https://{host}" for host in environment.web.hosts],
            "api_urls": [f"https://{host}" for host in environment.core_api.hosts],
            "oauth_redirect_uris": [f"{origin}/auth/callback" for origin in origins],
            "media_bucket": media.name,
            "backups_bucket": backups.name,
            "core_api_role_arn": role.arn,
            "database_credentials_path": database.credentials.path,
            "session_key_path": session_key.path,
            "namespace": namespace.name,
            "database": database.name,
        }
        scope_of_outputs = Construct(self, "outputs")
        for name, value in outputs.items():
            TerraformOutput(scope_of_outputs, name, value=value).override_logical_id(name)
