"""The tags that the AWS Load Balancer Controller puts on what it creates.

Source: pkg/deploy/tracking/provider.go of https://github.com/kubernetes-sigs/aws-load-balancer-controller
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_elbv2 import ElasticLoadBalancingv2Client

# The cluster; the IngressGroup; on a target group NAMESPACE/INGRESS-SERVICE:PORT, with the port's number or name.
CLUSTER, GROUP, RESOURCE = "elbv2.k8s.aws/cluster", "ingress.k8s.aws/stack", "ingress.k8s.aws/resource"
# The API's limit for one call.
_AT_ONCE = 20


def tags_of(elbv2: "ElasticLoadBalancingv2Client", arns: Sequence[str]) -> dict[str, dict[str, str]]:
    """The tags of these load balancers or target groups, by ARN."""
    return {
        description["ResourceArn"]: {tag["Key"]: tag.get("Value", "") for tag in description["Tags"]}
        for first in range(0, len(arns), _AT_ONCE)
        for description in elbv2.describe_tags(ResourceArns=list(arns[first : first + _AT_ONCE]))["TagDescriptions"]
    }
