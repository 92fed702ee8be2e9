"""Argo CD's custom resources: the Application, which an environment's stack creates, and the account's AppProject.

Argo CD itself does not run here.
"""

from functools import partial
from pathlib import Path
from typing import Any

import yaml
from lightkube import Client
from lightkube.generic_resource import create_namespaced_resource
from lightkube.models.meta_v1 import ObjectMeta

from local.kubernetes.client import create_if_absent
from local.kubernetes.custom_resources import CustomResource
from modules.model.selected_settings import SHARED

_GROUP, _VERSION = "argoproj.io", "v1alpha1"
_FOLDER = Path(__file__).parent
_AppProject = create_namespaced_resource(_GROUP, _VERSION, "AppProject", "appprojects")


def _definition(kind: str) -> dict[str, Any]:
    definition: dict[str, Any] = yaml.safe_load((_FOLDER / f"argocd-{kind}.yaml").read_text(encoding="utf-8"))
    return definition


RESOURCES = tuple(
    CustomResource(group=_GROUP, version=_VERSION, plural=f"{kind}s", definition=partial(_definition, kind))
    for kind in ("application", "appproject")
)


def create_project(client: Client) -> None:
    """Create the account's AppProject, which allows the settings' repositories, unless it exists."""
    argocd = SHARED.argocd
    project = _AppProject(
        metadata=ObjectMeta(name=argocd.project, namespace=argocd.namespace),
        spec={
            "sourceRepos": [argocd.chart_repository, argocd.values_repository],
            "destinations": [{"server": "https://kubernetes.default.svc", "namespace": f"{SHARED.project}-*"}],
        },
    )
    create_if_absent(client, project)
