"""Changes made by hand in the cluster."""

from typing import Any

from lightkube.resources.apps_v1 import Deployment
from lightkube.resources.autoscaling_v2 import HorizontalPodAutoscaler
from lightkube.resources.batch_v1 import Job
from lightkube.resources.core_v1 import LimitRange, Namespace, ResourceQuota, Service, ServiceAccount
from lightkube.resources.networking_v1 import Ingress, NetworkPolicy
from lightkube.resources.policy_v1 import PodDisruptionBudget

from delivery.verification.secrets import ExternalSecret, SecretStore
from tests.live.drift.change import Change, deleted, patched

_CONTAINER = ("spec", "template", "spec", "containers", 0)
_LABELS = ("metadata", "labels")


def _replace(path: str, value: object) -> list[Any]:
    return [{"op": "replace", "path": path, "value": value}]


# The second container variable is one of the settings' plain values.
STAGING: tuple[Change, ...] = (
    patched(
        "replicas",
        Deployment,
        "web",
        {"spec": {"replicas": 3}},
        "spec",
        "replicas",
        plan="kubernetes_deployment_v1.web_deployment",
        verify="rollout web",
    ),
    patched(
        "an environment variable's value",
        Deployment,
        "core-api",
        _replace("/spec/template/spec/containers/0/env/1/value", "production"),
        *_CONTAINER,
        "env",
        plan="kubernetes_deployment_v1.core_api_deployment",
    ),
    patched(
        "a label",
        Service,
        "web",
        {"metadata": {"labels": {"team": "by-hand"}}},
        *_LABELS,
        plan="kubernetes_service_v1.web_service",
    ),
    patched(
        "a service's selector",
        Service,
        "core-api",
        {"spec": {"selector": {"app": "web"}}},
        "spec",
        "selector",
        plan="kubernetes_service_v1.core_api_service",
    ),
    patched(
        "an ingress' host",
        Ingress,
        "web",
        _replace("/spec/rules/0/host", "other.mosaiclife.me"),
        "spec",
        "rules",
        plan="kubernetes_ingress_v1.web_ingress",
        verify="ingress web",
    ),
    patched(
        "an ingress' order in the group",
        Ingress,
        "core-api",
        {"metadata": {"annotations": {"alb.ingress.kubernetes.io/group.order": "1"}}},
        "metadata",
        "annotations",
        plan="kubernetes_ingress_v1.core_api_ingress",
        verify="ingress core-api",
    ),
    patched(
        "an ExternalSecret's path",
        ExternalSecret,
        "google-oauth",
        _replace("/spec/data/0/remoteRef/key", "mosaic/prod/session/secret-key"),
        "spec",
        "data",
        plan="kubernetes_manifest.secrets_google_oauth",
        verify="external secret google-oauth",
    ),
    patched(
        "a SecretStore that reads as the operator",
        SecretStore,
        "{secret_store}",
        {"spec": {"provider": {"aws": {"auth": None}}}},
        "spec",
        "provider",
        plan="kubernetes_manifest.secret_store",
        verify="secret store",
    ),
    patched(
        "the quota",
        ResourceQuota,
        "quota",
        {"spec": {"hard": {"pods": "500"}}},
        "spec",
        "hard",
        plan="kubernetes_resource_quota_v1.namespace_quota",
        verify="quota",
    ),
    deleted(
        "a NetworkPolicy removed",
        NetworkPolicy,
        "default-deny",
        plan="kubernetes_network_policy_v1.network_default_deny",
        verify="network policies",
    ),
    patched(
        "a NetworkPolicy lets everybody in",
        NetworkPolicy,
        "allow",
        [{"op": "add", "path": "/spec/ingress/-", "value": {}}],
        "spec",
        "ingress",
        plan="kubernetes_network_policy_v1.network_allow",
        verify="network policies",
    ),
    patched(
        "Pod Security no longer enforced",
        Namespace,
        "{namespace}",
        {"metadata": {"labels": {"pod-security.kubernetes.io/enforce": "privileged"}}},
        *_LABELS,
        plan="kubernetes_namespace_v1.namespace",
        verify="pod security",
    ),
    patched(
        "a service account without its role",
        ServiceAccount,
        "core-api",
        {"metadata": {"annotations": {"eks.amazonaws.com/role-arn": None}}},
        "metadata",
        "annotations",
        "eks.amazonaws.com/role-arn",
        plan="kubernetes_service_account_v1.core_api_account",
        verify="service account",
    ),
    patched(
        "a token mounted into pods",
        ServiceAccount,
        "web",
        {"automountServiceAccountToken": True},
        "automountServiceAccountToken",
        plan="kubernetes_service_account_v1.web_account",
    ),
    patched(
        "the default limits",
        LimitRange,
        "limits",
        _replace("/spec/limits/0/default/memory", "8Gi"),
        "spec",
        "limits",
        plan="kubernetes_limit_range_v1.namespace_limits",
    ),
    deleted(
        "the migration's Job removed",
        Job,
        "{migration_job}",
        plan="kubernetes_job_v1.migration",
        verify="migration",
    ),
)

# With autoscalers and disruption budgets, which staging lacks.
PROD: tuple[Change, ...] = (
    patched(
        "an image",
        Deployment,
        "web",
        _replace("/spec/template/spec/containers/0/image", "033691785857.dkr.ecr.us-east-1.amazonaws.com/other:1"),
        *_CONTAINER,
        "image",
        plan="kubernetes_deployment_v1.web_deployment",
        verify="rollout web",
    ),
    patched(
        "a label of the pods",
        Deployment,
        "core-api",
        {"spec": {"template": {"metadata": {"labels": {"team": "by-hand"}}}}},
        "spec",
        "template",
        "metadata",
        "labels",
        plan="kubernetes_deployment_v1.core_api_deployment",
    ),
    patched(
        "an autoscaler's bounds",
        HorizontalPodAutoscaler,
        "web",
        {"spec": {"maxReplicas": 50}},
        "spec",
        "maxReplicas",
        plan="kubernetes_horizontal_pod_autoscaler_v2.web_autoscaler",
    ),
    patched(
        "a disruption budget",
        PodDisruptionBudget,
        "core-api",
        {"spec": {"minAvailable": 0}},
        "spec",
        "minAvailable",
        plan="kubernetes_pod_disruption_budget_v1.core_api_disruption_budget",
    ),
    deleted(
        "an ExternalSecret removed",
        ExternalSecret,
        "google-oauth",
        plan="kubernetes_manifest.secrets_google_oauth",
        verify="external secret google-oauth",
    ),
)
