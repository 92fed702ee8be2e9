"""What every environment's deploy needs and no environment can create for itself: once per account."""

from collections.abc import Sequence

from cdktf import Postcondition, Precondition, TerraformOutput, TerraformResourceLifecycle
from cdktf_cdktf_provider_aws.data_aws_eks_cluster import DataAwsEksCluster
from cdktf_cdktf_provider_aws.data_aws_iam_openid_connect_provider import DataAwsIamOpenidConnectProvider
from cdktf_cdktf_provider_aws.iam_policy import IamPolicy
from constructs import Construct

from environments.schema.database_server import DatabaseServer as ServerSettings
from environments.schema.settings import BOOTSTRAP, Environment, Shared
from modules.aws.ci_role import CiRole
from modules.aws.database_server import DatabaseServer
from modules.aws.github_oidc_provider import GitHubOidcProvider
from modules.aws.private_bucket import Lifecycle, PrivateBucket
from modules.aws.workflow_role import WorkflowRole
from modules.base.cloud import Cloud
from modules.base.cluster_login import add_kubernetes_provider
from modules.base.database_login import add_postgresql_provider
from modules.base.terraform import Ephemeral, ReadableStack, depend_on
from modules.kubernetes.admission_policies import AdmissionPolicies
from modules.kubernetes.cluster_role import ClusterRole, PolicyRule
from modules.model.iam_policies import EnvironmentPolicies, previews_policy
from modules.model.names import (
    PREVIEWS_ENVIRONMENT,
    Names,
    bootstrap_state_bucket,
    preview_seed,
    previews_role,
    state_key,
)
from modules.model.tags import account_tags
from modules.postgresql.database_login import DatabaseLogin
from modules.postgresql.database_roles import DatabaseRoles
from modules.postgresql.database_template import DatabaseTemplate
from modules.postgresql.preview_seed import PreviewSeed
from modules.stacks.environment_buckets import EnvironmentBuckets

# The Kubernetes provider looks custom resources up before it plans one.
_READ_KINDS = PolicyRule(
    api_group="apiextensions.k8s.io", resources=["customresourcedefinitions"], verbs=["get", "list"]
)
# What a plan reads and EKS's policy does not. Kubernetes has no role that holds in a namespace which is not there yet,
# so this holds in all; without list, only what is known by name is read (docs/bootstrap.md).
_READ_CUSTOM_RESOURCES = PolicyRule(
    api_group="external-secrets.io", resources=["externalsecrets", "secretstores"], verbs=["get"]
)
# Whether the policies below are in force; what they are told is an administrator's.
_READ_ADMISSION = PolicyRule(
    api_group="admissionregistration.k8s.io",
    resources=["validatingadmissionpolicies", "validatingadmissionpolicybindings"],
    verbs=["get", "list"],
)
# RBAC cannot limit the name of what is created; an admission policy does.
_CREATE_NAMESPACES = PolicyRule(api_group="", resources=["namespaces"], verbs=["create"])


class BootstrapStack(ReadableStack):
    """What every environment's deploys need: state buckets, roles and logins for delivery, and admission policies.

    An administrator of the account, the cluster and the database server deploys it. The roles that it creates cannot
    change it.

    Args:
        environments: settings of every environment.
        shared: settings of the account.
        cloud: AWS, or the endpoint of a local cloud.

    Raises:
        InvalidNameError: a service would refuse a name that follows from the settings.

    """

    def __init__(
        self, scope: Construct, id_: str, *, environments: Sequence[Environment], shared: Shared, cloud: Cloud
    ) -> None:
        super().__init__(scope, id_)
        bucket = bootstrap_state_bucket(shared)
        old_versions = Lifecycle(old_versions_expire_after=shared.old_state_expires_after)

        # State and providers
        cloud.add_backend(self, bucket=bucket, key=state_key(BOOTSTRAP), shared=shared)
        cloud.add_aws_provider(self, shared=shared, tags=account_tags(shared))
        cluster = self._cluster(shared)
        database = DatabaseServer(self, "database", settings=shared.database_server)
        administrator_conditions = self._log_in_to(database, shared.database_server)
        oidc_provider = DataAwsIamOpenidConnectProvider(
            self,
            "oidc-provider",
            url=f"${{data.aws_eks_cluster.{cluster.friendly_unique_id}.identity[0].oidc[0].issuer}}",
        )

        # Its own state: delivery/preflight/state_bucket.py creates the bucket before the first init, so it is always
        # imported
        PrivateBucket(self, "state", name=bucket, lifecycle=old_versions, protected=True, adopt=True)

        # Who may assume a role, and what all of them may do in the cluster outside namespaces
        github = GitHubOidcProvider(self, "github", repository=shared.repository, settings=shared.github)
        planners = ClusterRole(
            self,
            "planners",
            name=f"{shared.project}-plan",
            rules=[_READ_KINDS, _READ_ADMISSION, _READ_CUSTOM_RESOURCES],
        )
        deployers = ClusterRole(
            self, "deployers", name=f"{shared.project}-deploy", rules=[_READ_KINDS, _READ_ADMISSION, _CREATE_NAMESPACES]
        )

        scope_of_environments = Construct(self, "environment")
        grants: list[str] = []
        previews: dict[str, Environment] = {}
        for environment in environments:
            names = Names.of(environment, shared)
            own = Construct(scope_of_environments, environment.name)
            PrivateBucket(own, "state", name=names.state_bucket, lifecycle=old_versions, protected=True, adopt=False)
            if environment.slot is not None:
                EnvironmentBuckets.made(own, environment=environment, names=names)

            # The shared database server: what a deploy and a plan may do there, and how they log in
            roles = DatabaseRoles(
                own,
                "database",
                deployer=names.database_deployer,
                planner=names.database_planner,
                administrator=database.administrator,
                administrator_conditions=administrator_conditions,
                after=grants,
            )
            grants = roles.ready
            if environment.slot is not None:
                previews[roles.deployer] = environment
            deploy_login = DatabaseLogin(
                own,
                "deploy-login",
                path=names.deploy_login,
                role=roles.deployer,
                acts_as_role=True,
                version=environment.database.login_version,
                server=database,
                ready=roles.ready,
                protected=environment.protected,
            )
            plan_login = DatabaseLogin(
                own,
                "plan-login",
                path=names.plan_login,
                role=roles.planner,
                acts_as_role=False,
                version=environment.database.login_version,
                server=database,
                ready=roles.ready,
                protected=environment.protected,
            )
            if environment.database.extensions:
                DatabaseTemplate(
                    own,
                    "database-template",
                    name=names.database_template,
                    administrator=database.administrator,
                    extensions=environment.database.extensions,
                )

            # The account: what they may do there
            policies = EnvironmentPolicies(
                environment=environment,
                shared=shared,
                names=names,
                oidc_provider_arn=oidc_provider.arn,
                deploy_login_arn=deploy_login.arn,
                plan_login_arn=plan_login.arn,
                database_subnet_group=f"${{{database.subnet_group}}}",
                vpc=f"${{data.aws_eks_cluster.{cluster.friendly_unique_id}.vpc_config[0].vpc_id}}",
            )
            boundary = IamPolicy(own, "boundary", name=names.permissions_boundary, policy=policies.boundary)
            CiRole(
                own,
                "plan",
                name=names.plan_role,
                # Pull requests are planned by the default branch's workflow, which takes them as data.
                trust=github.trust([f"ref:refs/heads/{shared.default_branch}"]),
                permissions=policies.plan,
                cluster=cluster.name,
                namespace=names.namespace,
                # The one that reads custom resources too, AmazonEKSAdminViewPolicy, reads Secrets.
                access_policy="AmazonEKSViewPolicy",
                group=planners.group,
            )
            deploy = CiRole(
                own,
                "deploy",
                name=names.deploy_role,
                trust=github.trust([f"environment:{environment.name}"]),
                permissions=policies.deploy,
                cluster=cluster.name,
                namespace=names.namespace,
                access_policy="AmazonEKSClusterAdminPolicy",
                group=deployers.group,
            )
            # A role that may create roles must never exist without their boundary.
            depend_on(deploy, boundary)

        if shared.previews and shared.previews.seeded:
            PreviewSeed(
                self,
                "preview-seed",
                name=preview_seed(shared),
                administrator=database.administrator,
                extensions=sorted({name for each in previews.values() for name in each.database.extensions}),
                deployers=list(previews),
            )

        # Who decides which pull request gets which preview
        if shared.previews:
            WorkflowRole(
                self,
                "previews",
                name=previews_role(shared),
                trust=github.trust([f"environment:{PREVIEWS_ENVIRONMENT}"]),
                permissions=previews_policy(shared),
            )

        # What the API server refuses, by whoever asks
        AdmissionPolicies(self, "admission", environments=environments, shared=shared)

        TerraformOutput(
            self,
            "role_arns",
            value=[
                f"arn:aws:iam::{shared.account}:role/{role}"
                for environment in environments
                for role in (Names.of(environment, shared).plan_role, Names.of(environment, shared).deploy_role)
            ],
        )

    def _log_in_to(self, server: DatabaseServer, settings: ServerSettings) -> list[Precondition]:
        """Configure the PostgreSQL provider with the administrator's login, read in each run and never stored.

        Return what must be true of that login, for the resource that names the administrator.
        """
        stored = Ephemeral(
            self,
            "database-administrator",
            kind="aws_secretsmanager_secret_version",
            arguments={"secret_id": f"${{{server.administrator_secret}}}"},
        )
        login = f"jsondecode({stored.attribute('secret_string')})"
        add_postgresql_provider(
            self,
            host=server.host,
            port=server.port,
            username=server.administrator_expression,
            password=f"{login}.password",
        )
        if settings.administrator_secret is None:
            return []
        # Grants name the administrator, and may not name what only the secret knows. Not a condition of the ephemeral
        # resource: of a plan with one, Terraform 1.11 cannot show the JSON ("unsupported resource mode").
        return [
            Precondition(
                condition=f"${{{login}.username == {server.administrator_expression}}}",
                error_message=f"The secret {settings.administrator_secret} is not the login of the administrator of "
                f"the {settings.title}; allowed: the path of the secret whose username is the server's master user "
                "(database_server.administrator_secret in environments/shared.py).",
            )
        ]

    def _cluster(self, shared: Shared) -> DataAwsEksCluster:
        """The cluster that the roles can access, and the Kubernetes provider for it."""
        cluster = DataAwsEksCluster(
            self,
            "cluster",
            name=shared.cluster,
            lifecycle=TerraformResourceLifecycle(
                postcondition=[
                    Postcondition(
                        condition='${self.access_config[0].authentication_mode != "CONFIG_MAP"}',
                        error_message=(
                            f"The EKS cluster {shared.cluster} knows no access entries; allowed: authentication mode "
                            "API or API_AND_CONFIG_MAP (docs/bootstrap.md)."
                        ),
                    )
                ]
            ),
        )
        reference = f"data.aws_eks_cluster.{cluster.friendly_unique_id}"
        add_kubernetes_provider(
            self, endpoint=cluster.endpoint, authority=f"{reference}.certificate_authority[0].data", shared=shared
        )
        return cluster
