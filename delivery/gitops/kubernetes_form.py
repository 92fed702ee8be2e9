"""A synthesized stack's Kubernetes objects in Kubernetes' own form."""

import re
import zlib
from collections.abc import Mapping
from typing import Any

from delivery.terraform.stack_configuration import Body, StackConfiguration

# Terraform uses the singular for a list of blocks.
_PLURAL = (
    *("container", "metric", "path", "policy", "port", "rule", "topology_spread_constraint", "volume"),
    "volume_mount",
)
# Terraform allows these blocks more than once, Kubernetes does not.
_SINGLE = ("label_selector", "scale_down", "scale_up")
# Keys below these are chosen by the user, not field names.
_OWN_KEYS = ("annotations", "labels", "match_labels", "requests", "limits", "selector")
# Numbers that Terraform writes as strings, because each may also be something else or unset.
_NUMBERS = (
    *("fs_group", "max_unavailable", "min_available", "replicas", "run_as_group", "run_as_user"),
    "target_port",
)
_OF_TERRAFORM = ("depends_on", "field_manager", "lifecycle", "timeouts")
_KINDS = {
    "kubernetes_deployment_v1": ("apps/v1", "Deployment"),
    "kubernetes_horizontal_pod_autoscaler_v2": ("autoscaling/v2", "HorizontalPodAutoscaler"),
    "kubernetes_ingress_v1": ("networking.k8s.io/v1", "Ingress"),
    "kubernetes_job_v1": ("batch/v1", "Job"),
    "kubernetes_pod_disruption_budget_v1": ("policy/v1", "PodDisruptionBudget"),
    "kubernetes_service_account_v1": ("v1", "ServiceAccount"),
    "kubernetes_service_v1": ("v1", "Service"),
}
# The secret store's service account; the stack owns it with either delivery.
_OF_STACK = ("kubernetes_service_account_v1.secret_store_account",)
# An object's kind and name.
Identity = tuple[str, str]


def workloads(template: StackConfiguration, known: Mapping[str, str] | None = None) -> dict[Identity, Body]:
    """Every object that belongs to the delivery, without its kind, by kind and name.

    known: the values of references that only the account can resolve.
    """
    found = _objects(template, _KINDS, known or {})
    for body in template.all("kubernetes_manifest").values():
        manifest = _replace(template.resolve(body["manifest"]), known or {})
        if manifest["kind"] == "ExternalSecret":
            found["ExternalSecret", manifest["metadata"]["name"]] = {
                key: manifest[key] for key in ("apiVersion", "metadata", "spec")
            }
    return found


def network_policies(template: StackConfiguration) -> dict[Identity, Body]:
    """The namespace's network policies, in the same form; the stack owns them with either delivery."""
    return _objects(template, {"kubernetes_network_policy_v1": ("networking.k8s.io/v1", "NetworkPolicy")}, {})


def _objects(
    template: StackConfiguration, kinds: Mapping[str, tuple[str, str]], known: Mapping[str, str]
) -> dict[Identity, Body]:
    found = {}
    for kind, (version, readable) in kinds.items():
        for name, body in template.all(kind).items():
            if f"{kind}.{name}" in _OF_STACK:
                continue
            settings = {
                key: value
                for key, value in body.items()
                if key not in _OF_TERRAFORM and not key.startswith("wait_for_")
            }
            manifest = _camel(_replace(template.resolve(settings), known))
            found[readable, manifest["metadata"]["name"]] = {"apiVersion": version, **manifest}
    return found


def opaque(text: str) -> str:
    """The text with a placeholder for each reference that only the account can resolve."""
    return re.sub(r"\$\{[^{}]*\}", lambda match: f"reference-{zlib.crc32(match[0].encode())}", text)


def _replace(value: Any, known: Mapping[str, str]) -> Any:  # noqa: ANN401 any JSON value in, the same shape out
    if isinstance(value, list):
        return [_replace(item, known) for item in value]
    if isinstance(value, dict):
        return {key: _replace(item, known) for key, item in value.items()}
    return opaque(known.get(value, value)) if isinstance(value, str) else value


def _camel(value: Any) -> Any:  # noqa: ANN401 any JSON value in, the same shape out
    if isinstance(value, list):
        return [_camel(item) for item in value]
    if not isinstance(value, dict):
        return value
    converted: dict[str, Any] = {}
    for key, item in value.items():
        plural = key in _PLURAL and isinstance(item, list)
        name = re.sub(r"_([a-z])", lambda match: match[1].upper(), key)
        name = {"policy": "policies"}.get(key, f"{name}s") if plural else name
        if key == "selector" and "match_labels" in item:
            converted[name] = {"matchLabels": item["match_labels"]}
        elif key in _OWN_KEYS:
            converted[name] = item
        elif key in _SINGLE:
            (converted[name],) = _camel(item)
        elif key in _NUMBERS and str(item).isdecimal():
            converted[name] = int(item)
        else:
            converted[name] = _camel(item)
    # CDKTF writes an absent list as an empty one.
    return {key: item for key, item in converted.items() if item != []}
