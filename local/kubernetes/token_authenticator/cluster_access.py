"""Decides what the holder of an IAM role may do in the cluster, by EKS's access entries."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from local.aws.access_policies import KNOWN

if TYPE_CHECKING:
    from mypy_boto3_eks import EKSClient
    from mypy_boto3_eks.type_defs import AccessEntryTypeDef, AssociatedAccessPolicyTypeDef

# Where a TokenReview, and each SubjectAccessReview after it, names the principal of the access entry: the user name is
# a session's. https://github.com/kubernetes-sigs/aws-iam-authenticator/blob/master/pkg/server/server.go
CANONICAL_ARN = "canonicalArn"


class ClusterAccess:
    """Asks EKS every time, so that changes there take effect at once."""

    def __init__(self, eks: "EKSClient", cluster: str) -> None:
        self._eks = eks
        self._cluster = cluster

    def entry(self, principal: str) -> "AccessEntryTypeDef | None":
        """The access entry of an IAM role or user, by its ARN; None if there is none."""
        try:
            answer = self._eks.describe_access_entry(clusterName=self._cluster, principalArn=principal)
        except self._eks.exceptions.ResourceNotFoundException:
            return None
        return answer["accessEntry"]

    def allows(self, review: Mapping[str, Any]) -> bool:
        """Return whether an access policy allows what the spec of a SubjectAccessReview asks."""
        principals = review.get("extra", {}).get(CANONICAL_ARN, [])
        # Kubernetes' own rules decide about everyone else, and about requests without a resource.
        if len(principals) != 1 or (resource := review.get("resourceAttributes")) is None:
            return False
        try:
            answer = self._eks.list_associated_access_policies(clusterName=self._cluster, principalArn=principals[0])
        except self._eks.exceptions.ResourceNotFoundException:
            return False
        return any(_allows(policy, resource) for policy in answer["associatedAccessPolicies"])


def _allows(policy: "AssociatedAccessPolicyTypeDef", asked: Mapping[str, str]) -> bool:
    scope = policy["accessScope"]
    if scope["type"] != "cluster" and asked.get("namespace") not in scope["namespaces"]:
        return False
    parts = (asked.get("resource", ""), asked.get("subresource", ""))
    return KNOWN[policy["policyArn"]].allows(
        verb=asked.get("verb", ""), group=asked.get("group", ""), resource="/".join(filter(None, parts))
    )
