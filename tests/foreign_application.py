"""An Argo CD Application older than this project: other options, a finalizer, and values in another order."""

from typing import Any

from environments.schema.settings import Environment
from modules.model.names import Names
from modules.model.selected_settings import SHARED

FINALIZER = "resources-finalizer.argocd.argoproj.io"
ANNOTATIONS = {"notifications.argoproj.io/subscribe.on-deployed.slack": "deployments"}
IGNORED = [{"group": "apps", "kind": "Deployment", "jsonPointers": ["/spec/replicas"]}]


def foreign_application(environment: Environment) -> dict[str, Any]:
    """Return the Application with this environment's name and namespace."""
    names = Names.of(environment, SHARED)
    argocd = SHARED.argocd
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {
            "name": names.instance,
            "namespace": argocd.namespace,
            "finalizers": [FINALIZER],
            "annotations": ANNOTATIONS,
        },
        "spec": {
            "project": argocd.project,
            "sources": [
                {
                    "repoURL": argocd.chart_repository,
                    "targetRevision": environment.branch,
                    "path": argocd.chart_path,
                    "helm": {
                        "valueFiles": [
                            f"$values/environments/{environment.name}/values.yaml",
                            "$values/base/values.yaml",
                        ]
                    },
                },
                {"repoURL": argocd.values_repository, "targetRevision": argocd.values_branch, "ref": "values"},
            ],
            "destination": {"server": "https://kubernetes.default.svc", "namespace": names.namespace},
            "syncPolicy": {
                "automated": {"prune": True, "selfHeal": True, "allowEmpty": False},
                "syncOptions": ["CreateNamespace=true", "PrunePropagationPolicy=foreground", "PruneLast=true"],
                "retry": {"limit": 5, "backoff": {"duration": "5s", "factor": 2, "maxDuration": "3m"}},
            },
            "ignoreDifferences": IGNORED,
            "revisionHistoryLimit": 10,
        },
    }
