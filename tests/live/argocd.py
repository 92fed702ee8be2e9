"""Stands in for Argo CD, which does not run on the local cloud: syncs an Application once, as Argo CD does.

It follows the live Application: its values files, inline values, release name and destination namespace. It renders the
tests' chart, applies it server-side in sync waves, waits for each wave to be healthy before the next, marks what it
created, and prunes what it created earlier and no longer renders.
"""

import sys
import time
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

from lightkube import Client
from lightkube.codecs import from_dict
from lightkube.core.resource import NamespacedResource
from lightkube.generic_resource import create_namespaced_resource
from lightkube.resources.apps_v1 import Deployment
from lightkube.resources.autoscaling_v2 import HorizontalPodAutoscaler
from lightkube.resources.batch_v1 import Job
from lightkube.resources.core_v1 import Service, ServiceAccount
from lightkube.resources.networking_v1 import Ingress
from lightkube.resources.policy_v1 import PodDisruptionBudget

from delivery.gitops.helm import Manifest, render, wave
from tests.account import SHARED
from tests.helm import CHART
from tests.live.project import Project

Application = create_namespaced_resource("argoproj.io", "v1alpha1", "Application", "applications")
ExternalSecret = create_namespaced_resource("external-secrets.io", "v1", "ExternalSecret", "externalsecrets")
KINDS: tuple[type[NamespacedResource], ...] = (
    Deployment,
    ExternalSecret,
    HorizontalPodAutoscaler,
    Ingress,
    Job,
    PodDisruptionBudget,
    Service,
    ServiceAccount,
)
_FIELD_MANAGER = "argocd-controller"
_TRACKING = "argocd.argoproj.io/tracking-id"
_HEALTHY = {"ExternalSecret": "Ready", "Job": "Complete"}
_WAIT_SECONDS = 120


def applications(client: Client) -> dict[str, Manifest]:
    """Return every Application that Argo CD would deliver, by name."""
    found = map(_manifest, client.list(Application, namespace=SHARED.argocd.namespace))
    return {item["metadata"]["name"]: item for item in found}


def sync(project: Project, helm: Path, folder: Path, environment: str) -> None:
    """Deliver an environment once. folder: empty, for files. The GitOps files come from the project's settings."""
    client = project.kubernetes
    ((name, application),) = (item for item in applications(client).items() if item[0].endswith(f"-{environment}"))
    repository = folder / "repository"
    project.run(sys.executable, "-m", "delivery", "gitops", environment, "--out", str(repository)).expect(0)
    files = {str(file.relative_to(repository)): file.read_text() for file in repository.rglob("*.yaml")}
    manifests = render(helm, folder, application, files, chart=CHART)
    namespace = application["spec"]["destination"]["namespace"]
    for manifest in manifests:
        identity = f"{name}:{manifest['kind']}:{namespace}/{manifest['metadata']['name']}"
        manifest["metadata"].setdefault("annotations", {})[_TRACKING] = identity
    for _, together in groupby(manifests, key=wave):
        made = list(together)
        for manifest in made:
            client.apply(from_dict(manifest), field_manager=_FIELD_MANAGER, force=True)
        for manifest in made:
            _wait_until_healthy(client, manifest, namespace)
    wanted = {manifest["metadata"]["annotations"][_TRACKING] for manifest in manifests}
    for kind, item in _tracked(client, name, namespace):
        if item["metadata"]["annotations"][_TRACKING] not in wanted:
            client.delete(kind, item["metadata"]["name"], namespace=namespace)


def _tracked(client: Client, name: str, namespace: str) -> Iterator[tuple[type[NamespacedResource], Manifest]]:
    for kind in KINDS:
        for found in client.list(kind, namespace=namespace):
            item = _manifest(found)
            if item["metadata"].get("annotations", {}).get(_TRACKING, "").startswith(f"{name}:"):
                yield kind, item


def _wait_until_healthy(client: Client, manifest: Manifest, namespace: str) -> None:
    kind = manifest["kind"]
    if kind not in _HEALTHY:
        return
    (resource,) = (one for one in KINDS if one.__name__ == kind)
    deadline = time.monotonic() + _WAIT_SECONDS
    while True:
        item = _manifest(client.get(resource, manifest["metadata"]["name"], namespace=namespace))
        conditions = {one["type"]: one["status"] for one in item.get("status", {}).get("conditions", [])}
        if conditions.get(_HEALTHY[kind]) == "True":
            return
        assert time.monotonic() < deadline, f"{kind} {manifest['metadata']['name']} is not healthy: {conditions}"
        time.sleep(1)


def _manifest(found: Any) -> Manifest:  # noqa: ANN401 lightkube's types have no common base with to_dict
    manifest: Manifest = found.to_dict()
    return manifest
