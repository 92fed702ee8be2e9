"""What the holder of an IAM role may do in the cluster, by the access entries of EKS."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from local.aws.access_policies import ADMIN_VIEW, CLUSTER_ADMIN

if TYPE_CHECKING:
    from mypy_boto3_eks import EKSClient
    from mypy_boto3_eks.type_defs import AssociatedAccessPolicyTypeDef

# What each access policy allows; none of them limits the kinds.
_VERBS = {CLUSTER_ADMIN: None, ADMIN_VIEW: {"get", "list", "watch"}}
_PRINCIPAL = "arn:aws:iam::"


class ClusterAccess:
    """Asks EKS anew each time: what changes there counts at once."""

    def __init__(self, eks: "EKSClient", cluster: str) -> None:
        self._eks = eks
        self._cluster = cluster

    def groups(self, principal: str) -> list[str]:
        """The Kubernetes groups of an IAM role or user; none without an access entry."""
        try:
            answer = self._eks.describe_access_entry(clusterName=self._cluster, principalArn=principal)
        except self._eks.exceptions.ResourceNotFoundException:
            return []
        return answer["accessEntry"]["kubernetesGroups"]

    def allows(self, review: Mapping[str, Any]) -> bool:
        """Say whether an access policy allows what the spec of a SubjectAccessReview asks."""
        principal, resource = review.get("user", ""), review.get("resourceAttributes")
        # Everybody else is a matter of Kubernetes' own rules, and so is what is no resource.
        if not principal.startswith(_PRINCIPAL) or resource is None:
            return False
        try:
            answer = self._eks.list_associated_access_policies(clusterName=self._cluster, principalArn=principal)
        except self._eks.exceptions.ResourceNotFoundException:
            return False
        return any(_allows(policy, resource) for policy in answer["associatedAccessPolicies"])


def _allows(policy: "AssociatedAccessPolicyTypeDef", resource: Mapping[str, str]) -> bool:
    verbs, scope = _VERBS[policy["policyArn"]], policy["accessScope"]
    in_scope = scope["type"] == "cluster" or resource.get("namespace") in scope["namespaces"]
    return in_scope and (verbs is None or resource.get("verb") in verbs)
