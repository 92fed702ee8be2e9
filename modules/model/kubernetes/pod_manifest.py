"""A pod in Kubernetes' own notation, for everything except Terraform."""

from typing import Any

from environments.schema.contract import Probe
from modules.model.kubernetes.environment_variables import SecretKey
from modules.model.kubernetes.pod_template import (
    SPREAD_MAX_SKEW,
    SPREAD_OTHERWISE,
    SPREAD_OVER,
    USER,
    PodTemplate,
    volume_name,
)

Manifest = dict[str, Any]


def pod_manifest(pod: PodTemplate) -> Manifest:
    """The PodTemplateSpec that ``PodTemplate.render`` expresses with Terraform's types.

    Three defaults are written out (optional, mountPropagation, shareProcessNamespace) because the Kubernetes provider
    sends them: an equivalent pod template in other words is a different one, and replaces every pod.
    """
    container = {
        "name": pod.name,
        "image": pod.image,
        "imagePullPolicy": pod.image_pull_policy,
        "command": list(pod.command),
        "env": [_variable(name, value) for name, value in pod.variables.items()],
        "ports": [{"name": "http", "containerPort": pod.port}] if pod.port else [],
        "livenessProbe": pod.liveness and _probe(pod.liveness),
        "readinessProbe": pod.readiness and _probe(pod.readiness),
        "resources": {
            "requests": pod.requests,
            "limits": pod.limits,
        },
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "privileged": False,
            "readOnlyRootFilesystem": True,
            "runAsNonRoot": True,
            "capabilities": {"drop": ["ALL"]},
        },
        "volumeMounts": [
            {"name": volume_name(path), "mountPath": path, "mountPropagation": "None"} for path in pod.writable_paths
        ],
    }
    return {
        "metadata": {"labels": dict(pod.labels), "annotations": dict(pod.annotations)},
        "spec": {
            "serviceAccountName": pod.service_account,
            "automountServiceAccountToken": False,
            "enableServiceLinks": False,
            "shareProcessNamespace": False,
            "restartPolicy": pod.restart_policy,
            "securityContext": {
                "runAsNonRoot": True,
                "runAsUser": USER,
                "runAsGroup": USER,
                "fsGroup": USER,
                "seccompProfile": {"type": "RuntimeDefault"},
            },
            "topologySpreadConstraints": [_spread(key, pod) for key in SPREAD_OVER] if pod.spread else [],
            "volumes": [
                {"name": volume_name(path), "emptyDir": {"sizeLimit": pod.resources.ephemeral_storage_limit}}
                for path in pod.writable_paths
            ],
            "containers": [{key: value for key, value in container.items() if value}],
        },
    }


def _spread(key: str, pod: PodTemplate) -> Manifest:
    return {
        "maxSkew": SPREAD_MAX_SKEW,
        "topologyKey": key,
        "whenUnsatisfiable": SPREAD_OTHERWISE,
        "labelSelector": {"matchLabels": dict(pod.spread)},
    }


def _variable(name: str, value: str | SecretKey) -> Manifest:
    if isinstance(value, str):
        return {"name": name, "value": value}
    return {"name": name, "valueFrom": {"secretKeyRef": {"name": value.secret, "key": value.key, "optional": False}}}


def _probe(probe: Probe) -> Manifest:
    return {
        "httpGet": {"path": probe.path, "port": "http"},
        "periodSeconds": probe.period,
        "initialDelaySeconds": probe.initial_delay,
        "timeoutSeconds": probe.timeout,
        "failureThreshold": probe.failures,
    }
