"""Checks that the applications run as the settings say: each Deployment's rollout, the migration, every pod."""

from collections.abc import Iterator, Sequence
from functools import partial

from lightkube.resources.apps_v1 import Deployment
from lightkube.resources.autoscaling_v2 import HorizontalPodAutoscaler
from lightkube.resources.batch_v1 import Job
from lightkube.resources.core_v1 import Pod
from lightkube.resources.networking_v1 import Ingress

from delivery.account.error import CheckError
from delivery.account.kubernetes_namespace import Manifest
from delivery.account.target import Target
from delivery.verification.check import Check
from environments.applications import CORE_API, WEB
from environments.schema.contract import Application
from environments.schema.settings import Workload
from modules.model.pods import serving_pod
from modules.model.tags import selector_labels


def checks(target: Target) -> Iterator[Check]:
    """Check the migration, the rollout of each application, and the namespace's pods."""
    namespace, job = target.names.namespace, target.names.migration_job
    yield Check(
        name="migration",
        run=partial(_migration, target),
        expected=f"Job {job} complete",
        look=f"kubectl -n {namespace} logs job/{job}",
        waits=True,
    )
    if target.environment.paused:
        yield Check(
            name="paused",
            run=partial(_paused, target),
            expected="no pod of the applications, no ingress and no autoscaler",
            look=f"kubectl -n {namespace} get deployments,pods,ingresses,horizontalpodautoscalers",
            waits=True,
        )
        return
    for application, workload in ((CORE_API, target.environment.core_api), (WEB, target.environment.web)):
        yield Check(
            name=f"rollout {application.name}",
            run=partial(_rollout, target, application, workload),
            expected=f"{_wanted(workload)} ready and up to date",
            look=f"kubectl -n {namespace} describe deployment {application.name}",
            waits=True,
        )
    yield Check(
        name="pods",
        run=partial(_pods, target),
        expected="no pod of the namespace waiting or failed",
        look=f"kubectl -n {namespace} get pods",
        waits=True,
    )


def _migration(target: Target) -> str:
    job = target.namespace.read(Job, target.names.migration_job)
    problem = migration_problem(job, image_of(target, CORE_API, target.environment.core_api))
    if problem:
        raise CheckError(problem, lasting=bool(_condition(job, "Failed")))
    return f"Job {target.names.migration_job} complete"


def migration_problem(job: Manifest, image: str) -> str | None:
    """Why a Job is not the complete migration of this image."""
    runs = job["spec"]["template"]["spec"]["containers"][0]["image"]
    if runs != image:
        return f"it runs {runs}, not {image}"
    failed = _condition(job, "Failed")
    if failed:
        return f"it failed: {failed.get('reason')}: {failed.get('message')}"
    return None if _condition(job, "Complete") else "it is not complete"


def _paused(target: Target) -> str:
    names = target.names
    # A Job's pods belong to no application: the migration's stay for their logs.
    running = [
        pod
        for application in (CORE_API, WEB)
        for pod in target.namespace.read_all(Pod, selector_labels(application, names.instance))
    ]
    own = {CORE_API.name, WEB.name}
    others = [
        item
        for kind in (Ingress, HorizontalPodAutoscaler)
        for item in target.namespace.read_all(kind)
        # Neighbours keep their own.
        if item["metadata"]["name"] in own
    ]
    left = [item["metadata"]["name"] for item in (*running, *others)]
    if left:
        raise CheckError(f"{len(running)} pods, {len(others)} ingresses and autoscalers are left: {', '.join(left)}")
    return "no pod, no ingress, no autoscaler; data and secrets stay"


def _rollout(target: Target, application: Application, workload: Workload) -> str:
    deployment = target.namespace.read(Deployment, application.name)
    image = image_of(target, application, workload)
    problems = rollout_problems(deployment, name=application.name, image=image, workload=workload)
    if problems:
        stuck = _condition(deployment, "Progressing", "False")
        raise CheckError(", ".join(problems), lasting=bool(stuck))
    replicas = deployment["spec"]["replicas"]
    return f"{replicas} of {replicas} pods ready, {image.removeprefix(target.shared.image_registry + '/')}"


def rollout_problems(deployment: Manifest, *, name: str, image: str, workload: Workload) -> list[str]:
    """Why a Deployment is not completely rolled out with this image and number of pods."""
    spec, status = deployment["spec"], deployment.get("status", {})
    images = {container["name"]: container["image"] for container in spec["template"]["spec"]["containers"]}
    problems = []
    if images.get(name) != image:
        problems.append(f"the container {name} is {images.get(name)}, not {image}")
    replicas: int = spec["replicas"]
    if replicas not in _allowed(workload):
        problems.append(f"{replicas} pods are requested, not {_wanted(workload)}")
    if status.get("observedGeneration", 0) < deployment["metadata"]["generation"]:
        problems.append("the deployment controller has not seen the last change yet")
    updated, available = status.get("updatedReplicas", 0), status.get("availableReplicas", 0)
    old = status.get("replicas", 0) - updated
    if updated != replicas:
        problems.append(f"{updated} of {replicas} pods are up to date")
    if available != replicas:
        problems.append(f"{available} of {replicas} pods are ready")
    if old > 0:
        problems.append(f"{old} old pods are left")
    for kind, bad in (("Progressing", "False"), ("ReplicaFailure", "True")):
        condition = _condition(deployment, kind, bad)
        if condition:
            problems.append(f"{condition.get('reason')}: {condition.get('message')}")
    return problems


def _pods(target: Target) -> str:
    pods = target.namespace.read_all(Pod)
    problems = pod_problems(pods) if pods else ["there is no pod"]
    if problems:
        raise CheckError(", ".join(problems))
    return f"{len(pods)} pods, none waiting or failed"


def pod_problems(pods: Sequence[Manifest]) -> list[str]:
    """Every pod that waits or failed, with the reason. Pods that are being deleted do not count, nor a Job's.

    A Job keeps the pods of its failed attempts after one has succeeded: the Job itself reports its result.
    """
    problems = []
    for pod in pods:
        metadata, status = pod["metadata"], pod.get("status", {})
        of_job = any(owner["kind"] == "Job" for owner in metadata.get("ownerReferences", []))
        if "deletionTimestamp" in metadata or of_job:
            continue
        reasons = [
            container["state"]["waiting"].get("reason", "Waiting")
            for kind in ("initContainerStatuses", "containerStatuses")
            for container in status.get(kind, [])
            if container.get("state", {}).get("waiting")
        ]
        if status.get("phase") in {"Pending", "Failed", "Unknown"} and not reasons:
            unscheduled = _condition(pod, "PodScheduled", "False") or {}
            reasons = [status.get("reason") or unscheduled.get("reason") or status["phase"]]
        problems += [f"{metadata['name']}: {reason}" for reason in reasons]
    return problems


def image_of(target: Target, application: Application, workload: Workload) -> str:
    """The image that the application's pods run."""
    return serving_pod(
        application,
        workload,
        registry=target.shared.image_registry,
        service_account=application.name,
        labels={},
    ).image


def _allowed(workload: Workload) -> range:
    scaling = workload.autoscaling
    return range(scaling.minimum, scaling.maximum + 1) if scaling else range(workload.replicas, workload.replicas + 1)


def _wanted(workload: Workload) -> str:
    scaling = workload.autoscaling
    return f"{scaling.minimum} to {scaling.maximum} pods" if scaling else _pods_of(workload.replicas)


def _pods_of(count: int) -> str:
    return "1 pod" if count == 1 else f"{count} pods"


def _condition(manifest: Manifest, kind: str, status: str = "True") -> Manifest | None:
    """The condition of this type, if it has this status."""
    for condition in manifest.get("status", {}).get("conditions", []):
        if condition["type"] == kind and condition["status"] == status:
            found: Manifest = condition
            return found
    return None
