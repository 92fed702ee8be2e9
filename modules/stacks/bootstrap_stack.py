"""What every environment's deploy needs and no environment can create for itself: once per account."""

from collections.abc import Sequence

from cdktf import Postcondition, TerraformOutput, TerraformResourceLifecycle
from cdktf_cdktf_provider_aws.data_aws_eks_cluster import DataAwsEksCluster
from cdktf_cdktf_provider_aws.data_aws_iam_openid_connect_provider import DataAwsIamOpenidConnectProvider
from cdktf_cdktf_provider_aws.iam_policy import IamPolicy
from constructs import Construct

from environments.schema.settings import BOOTSTRAP, Environment, Shared
from modules.aws.ci_role import CiRole
from modules.aws.database_server import DatabaseServer
from modules.aws.github_oidc_provider import GitHubOidcProvider
from modules.aws.private_bucket import Lifecycle, PrivateBucket
from modules.base.cloud import Cloud
from modules.base.cluster_login import add_kubernetes_provider
from modules.base.terraform import ReadableStack, depend_on
from modules.kubernetes.admission_policies import AdmissionPolicies
from modules.kubernetes.cluster_role import ClusterRole, PolicyRule
from modules.model.iam_policies import EnvironmentPolicies
from modules.model.names import Names, bootstrap_state_bucket, state_key
from modules.model.tags import account_tags

# The Kubernetes provider looks custom resources up before it plans one.
_READ_KINDS = PolicyRule(
    api_group="apiextensions.k8s.io", resources=["customresourcedefinitions"], verbs=["get", "list"]
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
    """State buckets, GitHub's OIDC provider, admission policies, and a plan and a deploy role for each environment.

    environments, shared: the settings. cloud: where it runs. Raises InvalidNameError for a name that a service refuses.
    Deployed by a person who administers account and cluster; the roles that it creates cannot change it.
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
        planners = ClusterRole(self, "planners", name=f"{shared.project}-plan", rules=[_READ_KINDS, _READ_ADMISSION])
        deployers = ClusterRole(
            self, "deployers", name=f"{shared.project}-deploy", rules=[_READ_KINDS, _READ_ADMISSION, _CREATE_NAMESPACES]
        )

        scope_of_environments = Construct(self, "environment")
        for environment in environments:
            names = Names.of(environment, shared)
            own = Construct(scope_of_environments, environment.name)
            PrivateBucket(own, "state", name=names.state_bucket, lifecycle=old_versions, protected=True, adopt=False)
            policies = EnvironmentPolicies(
                environment=environment,
                shared=shared,
                names=names,
                oidc_provider_arn=oidc_provider.arn,
                managed_administrator_secret_arn=f"${{{database.administrator_secret}}}",
            )
            boundary = IamPolicy(own, "boundary", name=names.permissions_boundary, policy=policies.boundary)
            CiRole(
                own,
                "plan",
                name=names.plan_role,
                # Pull requests plan, and so does the nightly look for drift, on the default branch.
                trust=github.trust(["pull_request", f"ref:refs/heads/{shared.default_branch}"]),
                permissions=policies.plan,
                cluster=cluster.name,
                namespace=names.namespace,
                access_policy="AmazonEKSAdminViewPolicy",
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

    def _cluster(self, shared: Shared) -> DataAwsEksCluster:
        """The cluster that the roles get access to, and the Kubernetes provider that talks to it."""
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
