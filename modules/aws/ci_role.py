"""A role that a workflow of the repository assumes: its permissions on AWS and in the cluster."""

from cdktf_cdktf_provider_aws.eks_access_entry import EksAccessEntry
from cdktf_cdktf_provider_aws.eks_access_policy_association import (
    EksAccessPolicyAssociation,
    EksAccessPolicyAssociationAccessScope,
)
from cdktf_cdktf_provider_aws.iam_role import IamRole
from cdktf_cdktf_provider_aws.iam_role_policies_exclusive import IamRolePoliciesExclusive
from cdktf_cdktf_provider_aws.iam_role_policy import IamRolePolicy
from cdktf_cdktf_provider_aws.iam_role_policy_attachments_exclusive import IamRolePolicyAttachmentsExclusive
from constructs import Construct

from modules.model.iam_policies import SESSION_SECONDS

_ACCESS_POLICIES = "arn:aws:eks::aws:cluster-access-policy"


class CiRole(Construct):
    """An IAM role with one inline policy, and what it may do in the cluster.

    name: the role's physical name. trust, permissions: policy documents. cluster: the EKS cluster's name.
    access_policy: one of EKS's, by name. namespace: the only one in which that holds; it need not exist yet.
    group: a Kubernetes group, for what is in no namespace. Output: arn. The role is in a group of its own name too, by
    which an admission policy knows it.
    The next apply removes any other policy that was put on the role by hand.
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
        super().__init__(scope, id_)
        role = IamRole(self, "resource", name=name, assume_role_policy=trust, max_session_duration=SESSION_SECONDS)
        # IAM's own variables look like Terraform's expressions.
        escaped = permissions.replace("${aws:", "$${aws:")
        # What is deployed has this id and this name.
        policy = IamRolePolicy(self, "rights", name="rights", role=role.name, policy=escaped)
        IamRolePoliciesExclusive(self, "policies", role_name=role.name, policy_names=[policy.name])
        IamRolePolicyAttachmentsExclusive(self, "attachments", role_name=role.name, policy_arns=[])
        entry = EksAccessEntry(
            self, "cluster", cluster_name=cluster, principal_arn=role.arn, kubernetes_groups=[group, name]
        )
        EksAccessPolicyAssociation(
            self,
            "namespace",
            cluster_name=cluster,
            principal_arn=entry.principal_arn,
            policy_arn=f"{_ACCESS_POLICIES}/{access_policy}",
            access_scope=EksAccessPolicyAssociationAccessScope(type="namespace", namespaces=[namespace]),
        )
        self.arn = role.arn
