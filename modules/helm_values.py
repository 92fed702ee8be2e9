"""The values of the application's Helm chart (infra/helm/mosaic-life in the application's repository).

Three layers with a source each, of which later ones count: what is true of the applications everywhere
(``base_values``), what an environment wants (``environment_values``), and what only the account knows
(``account_values``: the stack puts it into the Argo CD Application). Where a later layer has to say something, the one
before holds a placeholder that no API accepts: Helm would take a missing value for an empty one.
"""

from typing import Any

from environments.applications import CORE_API, WEB, Application
from environments.settings import Environment, Shared
from modules.application_secrets import (
    DATABASE_ANNOTATION,
    DATABASE_URL,
    SESSION_ANNOTATION,
    ApplicationSecrets,
)
from modules.application_workloads import ApplicationWorkload, ApplicationWorkloads
from modules.kubernetes.ingress_annotations import ingress_annotations
from modules.kubernetes.pod_manifest import pod_manifest
from modules.kubernetes.rollout import (
    MAX_SURGE,
    MAX_UNAVAILABLE,
    MIGRATION_DEADLINE_SECONDS,
    MIGRATION_RETRIES,
    REVISION_HISTORY,
)
from modules.kubernetes.secret import REFRESH_INTERVAL
from modules.names import Names
from modules.tags import labels

Values = dict[str, Any]

OF_ENVIRONMENT = "<required: environments/ENV/values.yaml>"
OF_ACCOUNT = "<required: the Application's own values>"


def base_values(shared: Shared) -> Values:
    """The values that no environment changes, and placeholders for those that each has to give."""
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
            "podAnnotations": dict.fromkeys((DATABASE_ANNOTATION, SESSION_ANNOTATION), OF_ACCOUNT),
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
            "secretStoreRef": {"kind": "ClusterSecretStore", "name": shared.cluster_secret_store},
            "database": {"secretKey": OF_ENVIRONMENT, "template": {"DB_URL": DATABASE_URL}},
            "session": {"secretKey": OF_ENVIRONMENT},
            "googleOAuth": {"secretKey": shared.google_oauth_secret},
        },
        # The stack owns the namespace's network policies.
        "networkPolicy": {"enabled": False},
    }


def _application(application: Application, shared: Shared) -> Values:
    return {
        "enabled": True,
        "name": application.name,
        "image": {"repository": application.repository, "pullPolicy": OF_ENVIRONMENT},
        "replicaCount": OF_ENVIRONMENT,
        "revisionHistoryLimit": REVISION_HISTORY,
        "strategy": {
            "type": "RollingUpdate",
            # A count is a number for Kubernetes, a share is a string.
            "rollingUpdate": {"maxSurge": MAX_SURGE, "maxUnavailable": int(MAX_UNAVAILABLE)},
        },
        "service": {
            "type": "ClusterIP",
            "port": application.service_port,
            "targetPort": application.container_port,
        },
        "ingress": {
            "className": shared.ingress_class,
            "annotations": ingress_annotations(health_check=application.health_check),
            "hosts": OF_ENVIRONMENT,
        },
        "serviceAccount": {"create": True, "annotations": {}},
    }


def environment_values(environment: Environment, shared: Shared) -> Values:
    """The values of one environment; with ``base_values`` before and ``account_values`` after it nothing is missing."""
    names = Names.of(environment, shared)
    secrets = ApplicationSecrets.of(names, shared)
    workloads = ApplicationWorkloads.of(environment, shared, names)
    role = f"arn:aws:iam::{shared.account}:role/{names.core_api_role}"
    return {
        "global": {
            "imageTag": environment.image_tag,
            "domain": environment.web.hosts[0],
            "environment": environment.name,
            "labels": labels(environment, shared),
        },
        "web": _workload(workloads.web),
        "coreApi": {
            **_workload(workloads.core_api),
            "serviceAccount": {"annotations": {"eks.amazonaws.com/role-arn": role}},
            "migrations": {"name": names.migration_job},
        },
        "externalSecrets": {
            "database": {"secretKey": secrets.database.path},
            "session": {"secretKey": secrets.session.path},
        },
    }


def _workload(workload: ApplicationWorkload) -> Values:
    pod = pod_manifest(workload.pod)["spec"]
    (container,) = pod["containers"]
    scaling, available = workload.autoscaling, workload.minimum_available
    return {
        "image": {"pullPolicy": container["imagePullPolicy"]},
        "replicaCount": scaling.minimum if scaling else workload.replicas,
        "autoscaling": {
            "enabled": True,
            "minReplicas": scaling.minimum,
            "maxReplicas": scaling.maximum,
            "targetCPUUtilizationPercentage": scaling.cpu_percent,
            "targetMemoryUtilizationPercentage": scaling.memory_percent,
            "behavior": _behavior(workload.application),
        }
        if scaling
        else {"enabled": False},
        "podDisruptionBudget": {"enabled": True, "minAvailable": available} if available else {"enabled": False},
        "ingress": {
            "enabled": bool(workload.hosts),
            "annotations": dict(workload.annotations),
            "hosts": [{"host": host, "paths": [{"path": "/", "pathType": "Prefix"}]} for host in workload.hosts],
        },
        "podSecurityContext": pod["securityContext"],
        "securityContext": container["securityContext"],
        "resources": container["resources"],
        "livenessProbe": container["livenessProbe"],
        "readinessProbe": container["readinessProbe"],
        "env": container.get("env", []),
        "volumeMounts": container["volumeMounts"],
        "volumes": pod["volumes"],
    }


def _behavior(application: Application) -> Values:
    scaling = application.scaling
    if scaling is None:
        return {}
    return {
        "scaleDown": {
            "stabilizationWindowSeconds": scaling.scale_down_window,
            "selectPolicy": "Max",
            "policies": [
                {
                    "type": "Percent",
                    "value": scaling.scale_down_percent,
                    "periodSeconds": scaling.scale_down_period,
                }
            ],
        },
        "scaleUp": {
            "stabilizationWindowSeconds": 0,
            "selectPolicy": "Max",
            "policies": [
                {"type": kind, "value": value, "periodSeconds": scaling.scale_up_period}
                for kind, value in (("Percent", scaling.scale_up_percent), ("Pods", scaling.scale_up_pods))
            ],
        },
    }


def account_values(*, certificate_arn: str, database_stored: str, session_stored: str) -> Values:
    """What only the account knows: the certificate, and which values of the secrets are stored now."""
    return {
        "global": {"aws": {"certificateArn": certificate_arn}},
        "coreApi": {"podAnnotations": {DATABASE_ANNOTATION: database_stored, SESSION_ANNOTATION: session_stored}},
    }
