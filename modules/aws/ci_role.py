"""A role that a workflow of the repository assumes: its permissions on AWS and in one namespace of the cluster."""

from cdktf_cdktf_provider_aws.eks_access_entry import EksAccessEntry
from cdktf_cdktf_provider_aws.eks_access_policy_association import (
    EksAccessPolicyAssociation,
    EksAccessPolicyAssociationAccessScope,
)
from constructs import Construct

from modules.aws.workflow_role import WorkflowRole

_ACCESS_POLICIES = "arn:aws:eks::aws:cluster-access-policy"


class CiRole(WorkflowRole):
    """A workflow's role that has permissions in the cluster as well.

    The role is also a member of a Kubernetes group with its own name, by which an admission policy recognizes it.

    Source: https://docs.aws.amazon.com/eks/latest/userguide/access-entries.html

    Args:
        name: physical name of the role.
        trust: trust policy, as JSON.
        permissions: inline policy, as JSON.
        cluster: name of the EKS cluster.
        namespace: the only namespace in which the access policy applies; it need not exist yet.
        access_policy: name of an EKS access policy, such as `AmazonEKSViewPolicy`.
        group: Kubernetes group that grants permissions outside namespaces.

    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        name: str,
        trust: str,
        permissions: str,
        cluster: str,
        namespace: str,
        access_policy: str,
        group: str,
    ) -> None:
        super().__init__(scope, id_, name=name, trust=trust, permissions=permissions)
        entry = EksAccessEntry(
            self, "cluster", cluster_name=cluster, principal_arn=self.arn, kubernetes_groups=[group, name]
        )
        EksAccessPolicyAssociation(
            self,
            "namespace",
            cluster_name=cluster,
            principal_arn=entry.principal_arn,
            policy_arn=f"{_ACCESS_POLICIES}/{access_policy}",
            access_scope=EksAccessPolicyAssociationAccessScope(type="namespace", namespaces=[namespace]),
        )
