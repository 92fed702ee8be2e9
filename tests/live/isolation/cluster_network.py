"""The cluster's own pods and network policies, for the evaluator in tests/synth/network.py."""

from dataclasses import dataclass, field
from ipaddress import IPv4Address
from typing import Any

from lightkube import Client
from lightkube.resources.core_v1 import Namespace, Pod
from lightkube.resources.networking_v1 import NetworkPolicy

from tests.synth.network import End, Policies, Policy

# Kubernetes' field names as Terraform writes them; anything below the first one is a label's own name.
_WORDS = {
    "matchLabels": "match_labels",
    "matchExpressions": "match_expressions",
    "podSelector": "pod_selector",
    "namespaceSelector": "namespace_selector",
    "ipBlock": "ip_block",
    "policyTypes": "policy_types",
}


@dataclass(frozen=True)
class ClusterEnd(End):
    """A pod, or a stand-in for one, with its namespace's labels."""

    name: str = ""
    labels_of_namespace: dict[str, str] = field(default_factory=dict)

    @property
    def namespace_labels(self) -> dict[str, str]:
        """The namespace's labels, including its name."""
        return self.labels_of_namespace

    def __str__(self) -> str:
        return f"{self.namespace}/{self.name}"


def namespace_labels(kubernetes: Client) -> dict[str, dict[str, str]]:
    """Return the labels of each namespace."""
    found = [namespace.metadata for namespace in kubernetes.list(Namespace)]
    return {str(metadata.name): metadata.labels or {} for metadata in found if metadata}


def running_pods(kubernetes: Client) -> list[ClusterEnd]:
    """Return every pod of the cluster that has an address, without ended ones, whose address may be another pod's."""
    labels = namespace_labels(kubernetes)
    return [
        ClusterEnd(
            address=IPv4Address(pod.status.podIP),
            namespace=pod.metadata.namespace,
            labels=pod.metadata.labels or {},
            name=str(pod.metadata.name),
            labels_of_namespace=labels[str(pod.metadata.namespace)],
        )
        for pod in kubernetes.list(Pod, namespace="*")
        if pod.metadata and pod.status and pod.status.podIP and pod.status.phase == "Running"
    ]


def policies(kubernetes: Client) -> Policies:
    """Return every network policy of the cluster."""
    return Policies(
        tuple(
            Policy(namespace=str(policy.metadata.namespace), spec=_as_terraform_writes(policy.spec.to_dict()))
            for policy in kubernetes.list(NetworkPolicy, namespace="*")
            if policy.metadata and policy.spec
        )
    )


def _as_terraform_writes(part: Any) -> Any:  # noqa: ANN401 any part of a policy
    if isinstance(part, list):
        return [_as_terraform_writes(item) for item in part]
    if not isinstance(part, dict):
        return part
    return {
        _WORDS.get(name, name): value if name == "matchLabels" else _as_terraform_writes(value)
        for name, value in part.items()
    }
