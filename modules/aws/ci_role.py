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
    """A workflow's role that may do something in the cluster, too.

    name, trust, permissions: as of any. cluster: the EKS cluster's name.
    access_policy: one of EKS's, by name. namespace: the only one in which that holds; it need not exist yet.
    group: a Kubernetes group, for what is in no namespace. Output: arn. The role is in a group of its own name too, by
    which an admission policy knows it.
    Source: https://docs.aws.amazon.com/eks/latest/userguide/access-entries.html
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
