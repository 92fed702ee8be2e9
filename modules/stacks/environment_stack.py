"""A whole environment in the order in which it is deployed."""

from cdktf import TerraformOutput
from constructs import Construct

from environments.applications import CORE_API
from environments.schema.neighbour import weakest
from environments.schema.settings import Environment, Shared
from modules.aws.generated_secret import GeneratedSecret
from modules.aws.irsa_role import Grant, IrsaRole
from modules.aws.shared_infrastructure import SharedInfrastructure
from modules.base.acting_role import add_acting_role
from modules.base.cloud import Cloud
from modules.base.terraform import ReadableStack, depend_on
from modules.kubernetes.namespace import Namespace
from modules.kubernetes.network_policies import NetworkPolicies
from modules.kubernetes.secret_store import SecretStore
from modules.model.capabilities import connections_of, permissions_of
from modules.model.core_api_permissions import READ_SECRET, secret_arn
from modules.model.iam_policies import boundary_arn
from modules.model.kubernetes.secret import Secret
from modules.model.names import Names, seed_of, state_key
from modules.model.oauth import oauth_callbacks
from modules.model.secrets import ApplicationSecrets, version_of
from modules.model.tags import aws_tags, labels
from modules.postgresql.database import PARTS as ADOPTED
from modules.postgresql.database import Database
from modules.stacks.argocd_workloads import deliver_by_argocd
from modules.stacks.environment_buckets import EnvironmentBuckets
from modules.stacks.terraform_workloads import deliver_by_terraform

# Letters and digits: 64 of them hold 381 random bits, and the session key needs at least 256.
_RANDOM_LENGTH = 64


class EnvironmentStack(ReadableStack):
    """One environment as a Terraform stack with its own state; it shares only what it reads.

    Args:
        environment: settings of the environment.
        shared: settings of the account.
        cloud: AWS, or the endpoint of a local cloud.

    Raises:
        InvalidNameError: a service would refuse a name that follows from the settings.

    """

    def __init__(self, scope: Construct, id_: str, *, environment: Environment, shared: Shared, cloud: Cloud) -> None:
        super().__init__(scope, id_)
        names = Names.of(environment, shared)
        common = labels(environment, shared)
        protected = environment.protected

        # Who runs Terraform, state and providers
        add_acting_role(self)
        cloud.add_backend(self, bucket=names.state_bucket, key=state_key(environment.name), shared=shared)
        cloud.add_aws_provider(self, shared=shared, tags=aws_tags(environment, shared))

        # What the account already holds
        infrastructure = SharedInfrastructure(self, "shared", environment=environment, shared=shared)
        infrastructure.add_kubernetes_provider(self)
        infrastructure.add_postgresql_provider(
            self,
            deploy_login=names.deploy_login,
            plan_login=names.plan_login,
            deployer=names.database_deployer,
        )

        # Data: buckets, random secrets, database
        buckets = (
            EnvironmentBuckets.made(self, environment=environment, names=names)
            if environment.slot is None
            else EnvironmentBuckets.of_bootstrap(names)
        )
        secrets = ApplicationSecrets.of(environment, shared, names)
        random = {secret.id: self._random(secret, environment=environment) for secret in secrets.random if secret.id}
        seed = seed_of(environment, shared)
        database = Database(
            self,
            "database",
            name=names.database,
            role=names.database_role,
            credentials_path=names.database_credentials,
            credentials_version=environment.database.credentials_version,
            deployer=names.database_deployer,
            planner=names.database_planner,
            extensions=environment.database.extensions,
            template=seed or (names.database_template if environment.database.extensions else None),
            seed=seed,
            shared=infrastructure,
            protected=protected,
            adopted=[part for part in ADOPTED if environment.adopts(part)],
        )

        # The role of core-api's pods: this environment's buckets, secrets and capabilities
        role = IrsaRole(
            self,
            "core-api-role",
            name=names.core_api_role,
            namespace=names.namespace,
            service_account=CORE_API.name,
            permissions_boundary=boundary_arn(names, shared),
            shared=infrastructure,
            adopt=environment.adopts("core-api-role"),
        )
        buckets.media.grant_read_write(role)
        buckets.backups.grant_read_write(role)
        role.grant("secrets", database.credentials.read_grant, *(secret.read_grant for secret in random.values()))
        for capability, statements in permissions_of(environment, shared, names).items():
            role.allow(capability, statements)

        # The namespace with its limits and its network
        namespace = Namespace(
            self,
            "namespace",
            name=names.namespace,
            labels=common,
            quota=environment.quota,
            protected=protected,
            adopt=environment.adopts("namespace"),
            pod_security=weakest(environment.neighbours),
        )
        network = NetworkPolicies(
            self,
            "network",
            namespace=namespace.name,
            labels=common,
            container_port=CORE_API.container_port,
            connections=connections_of(environment),
            neighbours=environment.neighbours,
            shared=infrastructure,
        )

        # What the namespace's Secrets are read from, as a role that can read this environment's secrets only
        stored = {"database-credentials": database.credentials, **random}
        store_role = IrsaRole(
            self,
            "secret-store-role",
            name=names.secret_store_role,
            namespace=names.namespace,
            service_account=names.secret_store_account,
            permissions_boundary=boundary_arn(names, shared),
            shared=infrastructure,
            adopt=False,
        )
        elsewhere = [secret_arn(shared, secret.path) for secret in secrets.kept_elsewhere]
        store_role.grant(
            "secrets",
            *(secret.read_grant for secret in stored.values()),
            Grant(actions=READ_SECRET, resources=elsewhere),
        )
        store = SecretStore(
            self,
            "secret-store",
            name=names.secret_store,
            namespace=namespace.name,
            labels=common,
            service_account=names.secret_store_account,
            role_arn=store_role.arn,
            region=shared.region,
        )
        # The operator tries the role as soon as it sees the store.
        depend_on(store, store_role)

        # The workloads, when all that they need is there
        ready = (database, *random.values(), network, role, store)
        if environment.delivery == "argocd":
            deliver_by_argocd(
                self,
                environment=environment,
                shared=shared,
                names=names,
                namespace=namespace.name,
                infrastructure=infrastructure,
                stored=stored,
                ready=ready,
            )
        else:
            deliver_by_terraform(
                self,
                environment=environment,
                shared=shared,
                names=names,
                namespace=namespace.name,
                labels=common,
                infrastructure=infrastructure,
                store=store,
                stored=stored,
                database_creation=database.creation,
                core_api_role_arn=role.arn,
                ready=ready,
            )

        # What people and other systems need to know
        callbacks = oauth_callbacks(environment, shared, names)
        outputs = {
            "web_urls": [f"https://{host}" for host in environment.web.hosts],
            "api_urls": [f"https://{host}" for host in environment.core_api.hosts],
            "oauth_redirect_uris": list(callbacks),
            "oauth_redirect_uri_senders": callbacks,
            "media_bucket": buckets.media.name,
            "backups_bucket": buckets.backups.name,
            "core_api_role_arn": role.arn,
            "database_credentials_path": database.credentials.path,
            **{f"{id_.replace('-', '_')}_path": secret.path for id_, secret in random.items()},
            "namespace": namespace.name,
            "database": database.name,
        }
        scope_of_outputs = Construct(self, "outputs")
        for name, value in outputs.items():
            TerraformOutput(scope_of_outputs, name, value=value).override_logical_id(name)

    def _random(self, secret: Secret, *, environment: Environment) -> GeneratedSecret:
        (field,) = secret.properties.values()
        assert secret.id is not None  # noqa: S101 the contract gives every random secret an id and a version
        assert secret.version_setting is not None  # noqa: S101 likewise
        return GeneratedSecret(
            self,
            secret.id,
            name=secret.path,
            version=version_of(environment, secret.version_setting),
            length=_RANDOM_LENGTH,
            fields={},
            random_field=field,
            protected=environment.protected,
            adopt=environment.adopts(secret.id),
        )
