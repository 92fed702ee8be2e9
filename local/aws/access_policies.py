"""EKS's access policies that this project uses: what an access entry of the cluster allows an IAM role.

https://docs.aws.amazon.com/eks/latest/userguide/access-policy-permissions.html
"""

_PREFIX = "arn:aws:eks::aws:cluster-access-policy/"
CLUSTER_ADMIN = f"{_PREFIX}AmazonEKSClusterAdminPolicy"
ADMIN_VIEW = f"{_PREFIX}AmazonEKSAdminViewPolicy"
KNOWN = (CLUSTER_ADMIN, ADMIN_VIEW)
