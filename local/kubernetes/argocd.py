"""Argo CD's custom resource Application, which an environment's stack creates; Argo CD itself does not run here."""

from pathlib import Path
from typing import Any

import yaml

from local.kubernetes.custom_resources import CustomResource

_DEFINITION = Path(__file__).parent / "argocd-application.yaml"


def _definition() -> dict[str, Any]:
    definition: dict[str, Any] = yaml.safe_load(_DEFINITION.read_text(encoding="utf-8"))
    return definition


APPLICATION = CustomResource(group="argoproj.io", version="v1alpha1", plural="applications", definition=_definition)
