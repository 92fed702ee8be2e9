"""The EKS access policies that this project uses: what an access entry of the cluster allows an IAM role.

https://docs.aws.amazon.com/eks/latest/userguide/access-policy-permissions.html
"""

from collections.abc import Mapping, Set
from dataclasses import dataclass

_PREFIX = "arn:aws:eks::aws:cluster-access-policy/"
CLUSTER_ADMIN = f"{_PREFIX}AmazonEKSClusterAdminPolicy"
ADMIN_VIEW = f"{_PREFIX}AmazonEKSAdminViewPolicy"
VIEW = f"{_PREFIX}AmazonEKSViewPolicy"

_READ = frozenset({"get", "list", "watch"})
# The names of an API group's resources; subresources as resource/subresource.
_VIEWED: Mapping[str, Set[str]] = {
    "": {
        *("bindings", "configmaps", "endpoints", "events", "limitranges", "namespaces", "namespaces/status"),
        *("persistentvolumeclaims", "persistentvolumeclaims/status", "pods", "pods/log", "pods/status"),
        *("replicationcontrollers", "replicationcontrollers/scale", "replicationcontrollers/status"),
        *("resourcequotas", "resourcequotas/status", "serviceaccounts", "services", "services/status"),
    },
    "apps": {
        *("controllerrevisions", "daemonsets", "daemonsets/status", "deployments", "deployments/scale"),
        *("deployments/status", "replicasets", "replicasets/scale", "replicasets/status", "statefulsets"),
        *("statefulsets/scale", "statefulsets/status"),
    },
    "autoscaling": {"horizontalpodautoscalers", "horizontalpodautoscalers/status"},
    "batch": {"cronjobs", "cronjobs/status", "jobs", "jobs/status"},
    "discovery.k8s.io": {"endpointslices"},
    "extensions": {
        *("daemonsets", "daemonsets/status", "deployments", "deployments/scale", "deployments/status", "ingresses"),
        *("ingresses/status", "networkpolicies", "replicasets", "replicasets/scale", "replicasets/status"),
        "replicationcontrollers/scale",
    },
    "networking.k8s.io": {"ingresses", "ingresses/status", "networkpolicies"},
    "policy": {"poddisruptionbudgets", "poddisruptionbudgets/status"},
}


@dataclass(frozen=True, kw_only=True)
class AccessPolicy:
    """What a policy allows within its scope. verbs, resources: None for all; resources are grouped by API group."""

    verbs: Set[str] | None
    resources: Mapping[str, Set[str]] | None

    def allows(self, *, verb: str, group: str, resource: str) -> bool:
        """Return whether it allows this. A subresource is written resource/subresource; the core group is empty."""
        return (self.verbs is None or verb in self.verbs) and (
            self.resources is None or resource in self.resources.get(group, ())
        )


KNOWN: Mapping[str, AccessPolicy] = {
    CLUSTER_ADMIN: AccessPolicy(verbs=None, resources=None),
    ADMIN_VIEW: AccessPolicy(verbs=_READ, resources=None),
    VIEW: AccessPolicy(verbs=_READ, resources=_VIEWED),
}
