"""What Argo CD delivers on the account as built: Applications, the chart's objects, and the neighbours' pods."""

from collections.abc import Iterator
from pathlib import Path
from string import Template
from typing import Any, cast

import yaml
from lightkube.codecs import from_dict
from lightkube.core.resource import GlobalResource
from lightkube.generic_resource import create_namespaced_resource

from environments.schema.settings import Environment, Shared
from local.kubernetes.external_secrets import CLUSTER_SECRET_STORE
from modules.model.names import Names

_MANIFESTS = Path(__file__).parent / "built-workloads.yaml"
# Tags that Argo CD had deployed at that time.
_TAGS = {"prod": "prod-cf3124b", "staging": "staging-545ef16"}
_AUTOSCALED_ONLY = {"HorizontalPodAutoscaler", "PodDisruptionBudget"}

# Registers the kinds with lightkube.
create_namespaced_resource("argoproj.io", "v1alpha1", "Application", "applications")
create_namespaced_resource("external-secrets.io", "v1", "ExternalSecret", "externalsecrets")


def delivered_objects(environment: Environment, shared: Shared) -> Iterator[GlobalResource]:
    """Yield the objects of one environment, in an order in which they can be created."""
    text = Template(_MANIFESTS.read_text(encoding="utf-8")).substitute(_values(environment, shared))
    for manifest in yaml.safe_load(text)["items"]:
        if environment.web.autoscaling is None:
            if manifest["kind"] in _AUTOSCALED_ONLY:
                continue
            _fix_replicas(manifest, environment)
        yield cast("GlobalResource", from_dict(manifest))


def _values(environment: Environment, shared: Shared) -> dict[str, str]:
    names = Names.of(environment, shared)
    return {
        "account": shared.account,
        "api_host": environment.core_api.hosts[0],
        "argocd": shared.argocd.namespace,
        "branch": environment.deployed_branch(shared),
        "docs_group": shared.load_balancer_group if environment.protected else names.instance,
        "environment": environment.name,
        "group": shared.load_balancer_group,
        "instance": names.instance,
        "namespace": names.namespace,
        "registry": shared.image_registry,
        "role": names.core_api_role,
        "stage": environment.stage,
        "store": CLUSTER_SECRET_STORE,
        "tag": _TAGS[environment.name],
        "web_host": environment.web.hosts[0],
    }


def _fix_replicas(manifest: dict[str, Any], environment: Environment) -> None:
    """Set the number of pods: without an autoscaler the chart writes it."""
    if manifest["kind"] == "Deployment":
        workloads = {"web": environment.web, "core-api": environment.core_api}
        if manifest["metadata"]["name"] in workloads:
            manifest["spec"]["replicas"] = workloads[manifest["metadata"]["name"]].replicas
