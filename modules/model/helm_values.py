"""The values of the application's Helm chart (infra/helm/mosaic-life in the application's repository).

There are three layers from different sources, and later ones override earlier ones: what is true of the applications
everywhere (``base_values``), what an environment asks for (``environment_values``), and what only the account knows
(``account_values``: the stack puts it into the Argo CD Application). If a later layer must set a value, the earlier one
holds a placeholder that no API accepts: Helm would read a missing value as an empty one.
"""

from collections.abc import Mapping
from typing import Any

from environments.applications import CAPABILITIES, CORE_API, SECRETS, WEB
from environments.schema.contract import Application, ScalingBehavior
from environments.schema.settings import Environment, Image, Shared
from modules.model.application_spec import ApplicationSpec, ApplicationSpecs
from modules.model.kubernetes.ingress_annotations import OF_OWN_LOAD_BALANCER, ingress_annotations
from modules.model.kubernetes.pod_manifest import pod_manifest
from modules.model.kubernetes.pod_template import PodTemplate
from modules.model.kubernetes.rollout import (
    MAX_SURGE,
    MAX_UNAVAILABLE,
    MIGRATION_DEADLINE_SECONDS,
    MIGRATION_RETRIES,
    REVISION_HISTORY,
)
from modules.model.kubernetes.secret import REFRESH_INTERVAL
from modules.model.names import SECRET_STORE, Names
from modules.model.pods import serving_pod
from modules.model.secrets import ApplicationSecrets
from modules.model.tags import labels

Values = dict[str, Any]

_OF_BOTH = ("podSecurityContext", "securityContext")

OF_ENVIRONMENT = "<required: environments/ENV/values.yaml>"
OF_ACCOUNT = "<required: the Application's own values>"
NO_TAG = "<required: a tag beside the digest>"
NO_COMMON_TAG = "<each application has its own: web.image.tag, coreApi.image.tag>"


def base_values(shared: Shared) -> Values:
    """The values that no environment changes, and placeholders for those that each must set."""
    return {
        "global": {
            "registry": shared.image_registry,
            "imageTag": OF_ENVIRONMENT,
            "domain": OF_ENVIRONMENT,
            "environment": OF_ENVIRONMENT,
            "aws": {"region": shared.region, "accountId": shared.account, "certificateArn": OF_ACCOUNT},
        },
        "web": _application(WEB, shared),
        "coreApi": {
            **_application(CORE_API, shared),
            "podAnnotations": {f"mosaic-life/{secret.id}": OF_ACCOUNT for secret in SECRETS if secret.id},
            "migrations": {
                "enabled": True,
                "name": OF_ENVIRONMENT,
                "command": list(CORE_API.migration_command),
                "backoffLimit": MIGRATION_RETRIES,
                "activeDeadlineSeconds": MIGRATION_DEADLINE_SECONDS,
            },
        },
        "externalSecrets": {
            "enabled": True,
            "refreshInterval": REFRESH_INTERVAL,
            "secretStoreRef": {"kind": "SecretStore", "name": SECRET_STORE},
            # The chart's own paths are production's.
            **{
                secret.chart_value: {
                    "secretKey": OF_ENVIRONMENT,
                    **({"template": dict(secret.templates)} if secret.templates else {}),
                }
                for secret in SECRETS
            },
            **{secret.chart_value: {"secretKey": None} for it in CAPABILITIES for secret in it.secrets},
        },
        # The stack owns the namespace's network policies.
        "networkPolicy": {"enabled": False},
        "entityBackfill": {"enabled": False},
        # For a chart that has them once for both.
        **{part: value for part, value in _pod(_plain_pod(WEB, shared)).items() if part in _OF_BOTH},
    }


def _plain_pod(application: Application, shared: Shared) -> PodTemplate:
    """The part of its pods that no environment changes."""
    return serving_pod(application, None, registry=shared.image_registry, service_account=application.name, labels={})


def _application(application: Application, shared: Shared) -> Values:
    pod = _plain_pod(application, shared)
    return {
        "enabled": True,
        "name": application.name,
        **_pod(pod),
        "image": {"repository": application.repository, "tag": OF_ENVIRONMENT, "pullPolicy": OF_ENVIRONMENT},
        "replicaCount": OF_ENVIRONMENT,
        "revisionHistoryLimit": REVISION_HISTORY,
        "strategy": {
            "type": "RollingUpdate",
            # Kubernetes expects a count as a number and a share as a string.
            "rollingUpdate": {"maxSurge": MAX_SURGE, "maxUnavailable": int(MAX_UNAVAILABLE)},
        },
        "service": {
            "type": "ClusterIP",
            "port": application.service_port,
            "targetPort": application.container_port,
        },
        "ingress": {
            "enabled": OF_ENVIRONMENT,
            "className": shared.ingress_class,
            # Helm merges the chart's own defaults into ours: null removes them.
            "annotations": dict.fromkeys(OF_OWN_LOAD_BALANCER)
            | ingress_annotations(health_check=application.health_check),
            "hosts": OF_ENVIRONMENT,
        },
        "autoscaling": {"enabled": OF_ENVIRONMENT, "behavior": _behavior(application.scaling)},
        "podDisruptionBudget": {"enabled": OF_ENVIRONMENT},
        "serviceAccount": {"create": True, "annotations": {}},
    }


def _pod(pod: PodTemplate) -> Values:
    """The contents of a pod, except its image, labels and annotations."""
    spec = pod_manifest(pod)["spec"]
    (container,) = spec["containers"]
    return {
        "podSecurityContext": spec["securityContext"],
        "env": container.get("env", []),
        "topologySpreadConstraints": spec["topologySpreadConstraints"],
        "volumes": spec["volumes"],
        **{
            part: container[part]
            for part in ("securityContext", "resources", "livenessProbe", "readinessProbe", "volumeMounts")
        },
    }


def environment_values(environment: Environment, shared: Shared) -> Values:
    """What one environment adds to ``base_values``; with ``account_values`` after it the values are complete."""
    names = Names.of(environment, shared)
    secrets = ApplicationSecrets.of(environment, shared, names)
    specs = ApplicationSpecs.of(environment, shared, names)
    role = f"arn:aws:iam::{shared.account}:role/{names.core_api_role}"
    values = {
        "global": {
            "imageTag": _common_tag(environment),
            "domain": environment.web.hosts[0],
            "environment": environment.name,
            "labels": labels(environment, shared),
        },
        "web": {
            **_of_environment(specs.web, environment.web.image),
            # The chart has its own value for this, besides web.env.
            "prerender": {"host": specs.web.pod.variables["PRERENDER_HOST"]},
        },
        "coreApi": {
            **_of_environment(specs.core_api, environment.core_api.image),
            "serviceAccount": {"annotations": {"eks.amazonaws.com/role-arn": role}},
            "migrations": {"name": names.migration_job},
        },
        # Nothing reads them, and the chart's own are production's.
        "config": {"s3": {"mediaBucket": names.media_bucket, "backupBucket": names.backups_bucket}},
        "externalSecrets": {secret.chart_value: {"secretKey": secret.path} for secret in secrets.all},
    }
    return _beyond(values, base_values(shared))


def _tag(image: Image) -> str:
    """What a chart joins to the repository with a colon; a digest follows the tag, in registry notation."""
    return image.reference.removeprefix(":") if image.tag else NO_TAG


def _common_tag(environment: Environment) -> str:
    """For a chart with one tag for both images; if they differ, its pods must start with neither."""
    tags = {_tag(image) for image in environment.images.values()}
    return tags.pop() if len(tags) == 1 else NO_COMMON_TAG


def _of_environment(spec: ApplicationSpec, image: Image) -> Values:
    scaling, available = spec.autoscaling, spec.minimum_available
    return {
        "image": {"tag": _tag(image), "pullPolicy": spec.pod.image_pull_policy},
        "replicaCount": scaling.minimum if scaling else spec.replicas,
        "autoscaling": {
            "enabled": True,
            "minReplicas": scaling.minimum,
            "maxReplicas": scaling.maximum,
            "targetCPUUtilizationPercentage": scaling.cpu_percent,
            "targetMemoryUtilizationPercentage": scaling.memory_percent,
        }
        if scaling
        else {"enabled": False},
        "podDisruptionBudget": {"enabled": True, "minAvailable": available} if available else {"enabled": False},
        "ingress": {
            "enabled": bool(spec.hosts),
            "annotations": dict(spec.annotations),
            "hosts": [{"host": host, "paths": [{"path": "/", "pathType": "Prefix"}]} for host in spec.hosts],
        },
        **_pod(spec.pod),
    }


def _beyond(values: Values, before: Values) -> Values:
    """The part of the values that the previous layer lacks; Helm merges mappings and replaces everything else."""
    found: Values = {}
    for key, value in values.items():
        known = before.get(key)
        if isinstance(value, dict) and isinstance(known, dict):
            if rest := _beyond(value, known):
                found[key] = rest
        elif value != known:
            found[key] = value
    return found


def _behavior(scaling: ScalingBehavior | None) -> Values:
    if scaling is None:
        return {}
    policies = {
        "scaleDown": {"Percent": (scaling.scale_down_percent, scaling.scale_down_period)},
        "scaleUp": {
            "Percent": (scaling.scale_up_percent, scaling.scale_up_period),
            "Pods": (scaling.scale_up_pods, scaling.scale_up_period),
        },
    }
    windows = {"scaleDown": scaling.scale_down_window, "scaleUp": 0}
    return {
        direction: {
            "stabilizationWindowSeconds": windows[direction],
            "selectPolicy": "Max",
            "policies": [
                {"type": kind, "value": value, "periodSeconds": period} for kind, (value, period) in of_kind.items()
            ],
        }
        for direction, of_kind in policies.items()
    }


def account_values(*, certificate_arn: str, version_ids: Mapping[str, str]) -> Values:
    """What only the account knows: the certificate, and the current version of each secret by its annotation."""
    return {
        "global": {"aws": {"certificateArn": certificate_arn}},
        "coreApi": {"podAnnotations": dict(version_ids)},
    }
