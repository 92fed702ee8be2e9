"""How to find an existing object of each Terraform type, and the id that imports it; one line for each type."""

from collections.abc import Callable

from lightkube.resources.apps_v1 import Deployment
from lightkube.resources.autoscaling_v2 import HorizontalPodAutoscaler
from lightkube.resources.core_v1 import LimitRange, ResourceQuota, Service, ServiceAccount
from lightkube.resources.networking_v1 import Ingress, NetworkPolicy
from lightkube.resources.policy_v1 import PodDisruptionBudget

from delivery.recovery import aws_objects, database_objects
from delivery.recovery.kubernetes_objects import finished_job, manifest, namespace, namespaced
from delivery.recovery.search import Found, Search
from delivery.recovery.stack import Body

FINDERS: dict[str, Callable[[Search, Body], Found | None]] = {
    "aws_iam_role": aws_objects.role,
    "aws_s3_bucket": aws_objects.bucket,
    "aws_s3_bucket_lifecycle_configuration": aws_objects.lifecycle,
    "aws_secretsmanager_secret": aws_objects.secret,
    "kubernetes_deployment_v1": namespaced(Deployment),
    "kubernetes_horizontal_pod_autoscaler_v2": namespaced(HorizontalPodAutoscaler),
    "kubernetes_ingress_v1": namespaced(Ingress),
    "kubernetes_job_v1": finished_job,
    "kubernetes_limit_range_v1": namespaced(LimitRange),
    "kubernetes_manifest": manifest,
    "kubernetes_namespace_v1": namespace,
    "kubernetes_network_policy_v1": namespaced(NetworkPolicy),
    "kubernetes_pod_disruption_budget_v1": namespaced(PodDisruptionBudget),
    "kubernetes_resource_quota_v1": namespaced(ResourceQuota),
    "kubernetes_service_account_v1": namespaced(ServiceAccount),
    "kubernetes_service_v1": namespaced(Service),
    "postgresql_database": database_objects.database,
    "postgresql_role": database_objects.role,
}

# An apply can safely overwrite these. terraform_data exists only in the state: when the one for a secret's value runs
# again, it finds the value and stores nothing (modules/aws/generated_value.py).
PUT = frozenset(
    {
        "aws_iam_role_policies_exclusive",
        "aws_iam_role_policy",
        "aws_iam_role_policy_attachments_exclusive",
        "aws_s3_bucket_cors_configuration",
        "aws_s3_bucket_ownership_controls",
        "aws_s3_bucket_policy",
        "aws_s3_bucket_public_access_block",
        "aws_s3_bucket_server_side_encryption_configuration",
        "aws_s3_bucket_versioning",
        "postgresql_grant",
        "postgresql_grant_role",
        "terraform_data",
    }
)

# Replacing these would delete their data: they are untainted, and Terraform repairs what differs.
DATA = frozenset(
    {
        "aws_s3_bucket",
        "aws_secretsmanager_secret",
        "kubernetes_namespace_v1",
        "postgresql_database",
        "postgresql_role",
    }
)
