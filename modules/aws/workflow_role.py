"""A role that a workflow of the repository assumes: its permissions on AWS."""

from cdktf_cdktf_provider_aws.iam_role import IamRole
from cdktf_cdktf_provider_aws.iam_role_policies_exclusive import IamRolePoliciesExclusive
from cdktf_cdktf_provider_aws.iam_role_policy import IamRolePolicy
from cdktf_cdktf_provider_aws.iam_role_policy_attachments_exclusive import IamRolePolicyAttachmentsExclusive
from constructs import Construct

from modules.model.iam_policies import SESSION_SECONDS


class WorkflowRole(Construct):
    """An IAM role that a workflow of this repository assumes.

    The role has one inline policy; the next apply removes every other policy that somebody attached by hand.

    Args:
        name: physical name of the role.
        trust: trust policy, as JSON.
        permissions: inline policy, as JSON.

    Attributes:
        arn: ARN of the role.

    """

    def __init__(self, scope: Construct, id_: str, *, name: str, trust: str, permissions: str) -> None:
        super().__init__(scope, id_)
        role = IamRole(self, "resource", name=name, assume_role_policy=trust, max_session_duration=SESSION_SECONDS)
        # IAM's own variables look like Terraform's expressions.
        escaped = permissions.replace("${aws:", "$${aws:")
        # What is deployed has this id and this name.
        policy = IamRolePolicy(self, "rights", name="rights", role=role.name, policy=escaped)
        IamRolePoliciesExclusive(self, "policies", role_name=role.name, policy_names=[policy.name])
        IamRolePolicyAttachmentsExclusive(self, "attachments", role_name=role.name, policy_arns=[])
        self.arn = role.arn
