"""The Argo CD Application that delivers an environment's workloads from the application's Helm chart.

Source: https://argo-cd.readthedocs.io/en/stable/user-guide/multiple_sources/
"""

from typing import Any

from environments.schema.settings import Environment, Shared
from modules.model.names import Names
from modules.model.tags import labels

API_VERSION = "argoproj.io/v1alpha1"
KIND = "Application"
VALUES_FILES = ("base/values.yaml", "environments/{}/values.yaml")


def argocd_application(environment: Environment, shared: Shared, names: Names) -> dict[str, Any]:
    """The Application, without the values that only the account knows (``spec.sources[0].helm.values``).

    It has no finalizer, so that Argo CD leaves the workloads running when it is deleted, for the next owner. The
    environment's own file comes after the common one, because the last one counts. The chart is the first source, as in
    the existing Applications: the Kubernetes provider compares an imported list item by item.
    """
    argocd = shared.argocd
    return {
        "apiVersion": API_VERSION,
        "kind": KIND,
        "metadata": {
            "name": names.instance,
            "namespace": argocd.namespace,
            "labels": labels(environment, shared),
        },
        "spec": {
            "project": argocd.project,
            "destination": {"server": "https://kubernetes.default.svc", "namespace": names.namespace},
            "sources": [
                {
                    "repoURL": argocd.chart_repository,
                    "targetRevision": environment.deployed_branch(shared),
                    "path": argocd.chart_path,
                    "helm": {
                        # The chart derives the selectors from it, which can never change.
                        "releaseName": names.instance,
                        "valueFiles": [f"$values/{file.format(environment.name)}" for file in VALUES_FILES],
                    },
                },
                {"repoURL": argocd.values_repository, "targetRevision": argocd.values_branch, "ref": "values"},
            ],
            "syncPolicy": {
                "automated": {"prune": True, "selfHeal": True},
                # Server-side: Argo CD takes ownership field by field of what the stack created; no pod is replaced.
                "syncOptions": ["ServerSideApply=true", "PruneLast=true"],
                "retry": {"limit": 5, "backoff": {"duration": "5s", "factor": 2, "maxDuration": "3m"}},
            },
            "revisionHistoryLimit": 10,
        },
    }
