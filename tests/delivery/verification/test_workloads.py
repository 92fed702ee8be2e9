"""The checks of Deployments, Jobs and pods."""

from typing import Any

import pytest

from delivery.verification.workloads import migration_problem, pod_problems, rollout_problems
from modules.model.selected_settings import SETTINGS
from tests.delivery.verification.changes import Change, changed

STAGING, PROD = SETTINGS.find("staging"), SETTINGS.find("prod")
IMAGE = "registry/mosaic-life/web:develop"
DEPLOYMENT: dict[str, Any] = {
    "metadata": {"generation": 4},
    "spec": {
        "replicas": STAGING.web.replicas,
        "template": {"spec": {"containers": [{"name": "web", "image": IMAGE}]}},
    },
    "status": {
        "observedGeneration": 4,
        "replicas": STAGING.web.replicas,
        "updatedReplicas": STAGING.web.replicas,
        "availableReplicas": STAGING.web.replicas,
        "conditions": [{"type": "Progressing", "status": "True", "reason": "NewReplicaSetAvailable"}],
    },
}


def problems(deployment: dict[str, Any]) -> list[str]:
    return rollout_problems(deployment, name="web", image=IMAGE, workload=STAGING.web)


def test_a_complete_rollout_is_accepted() -> None:
    assert problems(DEPLOYMENT) == []


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda it: it["spec"]["template"]["spec"]["containers"][0].update(image="busybox"), "web is busybox"),
        (lambda it: it["spec"]["template"]["spec"]["containers"][0].update(name="other"), "web is None"),
        (lambda it: it["spec"].update(replicas=2), "2 pods are requested, not 1 pod"),
        (lambda it: it["metadata"].update(generation=5), "has not seen the last change"),
        (lambda it: it.pop("status"), "has not seen the last change"),
        (lambda it: it["status"].pop("updatedReplicas"), "0 of 1 pods are up to date"),
        (lambda it: it["status"].pop("availableReplicas"), "0 of 1 pods are ready"),
        (lambda it: it["status"].update(replicas=2), "1 old pods are left"),
        (
            lambda it: it["status"]["conditions"][0].update(status="False", reason="ProgressDeadlineExceeded"),
            "ProgressDeadlineExceeded",
        ),
        (
            lambda it: it["status"]["conditions"].append(
                {"type": "ReplicaFailure", "status": "True", "reason": "FailedCreate", "message": "exceeded quota"}
            ),
            "FailedCreate: exceeded quota",
        ),
    ],
)
def test_a_differing_or_incomplete_rollout_is_reported(change: Change, named: str) -> None:
    assert named in ", ".join(problems(changed(DEPLOYMENT, change)))


@pytest.mark.parametrize(("asked_for", "allowed"), [(1, False), (2, True), (10, True), (11, False)])
def test_an_autoscaler_may_ask_for_any_number_within_its_bounds(asked_for: int, allowed: bool) -> None:  # noqa: FBT001 a table's column
    assert PROD.web.autoscaling is not None
    assert (PROD.web.autoscaling.minimum, PROD.web.autoscaling.maximum) == (2, 10)
    counts = dict.fromkeys(("replicas", "updatedReplicas", "availableReplicas"), asked_for)
    deployment = {
        **DEPLOYMENT,
        "spec": {**DEPLOYMENT["spec"], "replicas": asked_for},
        "status": {**DEPLOYMENT["status"], **counts},
    }
    found = rollout_problems(deployment, name="web", image=IMAGE, workload=PROD.web)
    assert found == ([] if allowed else [f"{asked_for} pods are requested, not 2 to 10 pods"])


JOB: dict[str, Any] = {
    "spec": {"template": {"spec": {"containers": [{"image": IMAGE}]}}},
    "status": {"conditions": [{"type": "Complete", "status": "True"}]},
}


def test_a_complete_migration_is_accepted() -> None:
    assert migration_problem(JOB, IMAGE) is None


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda it: it["status"].clear(), "not complete"),
        (lambda it: it["status"]["conditions"][0].update(status="False"), "not complete"),
        (lambda it: it["status"]["conditions"][0].update(type="Failed", reason="BackoffLimitExceeded"), "BackoffLimit"),
        (lambda it: it["spec"]["template"]["spec"]["containers"][0].update(image="busybox"), "it runs busybox"),
    ],
)
def test_a_differing_or_incomplete_migration_is_reported(change: Change, named: str) -> None:
    assert named in str(migration_problem(changed(JOB, change), IMAGE))


POD: dict[str, Any] = {
    "metadata": {"name": "web-1", "ownerReferences": [{"kind": "ReplicaSet"}]},
    "status": {"phase": "Running", "containerStatuses": [{"state": {"running": {}}}]},
}


def test_a_running_pod_is_accepted() -> None:
    assert pod_problems([POD]) == []


@pytest.mark.parametrize(
    ("status", "named"),
    [
        (
            {"phase": "Running", "containerStatuses": [{"state": {"waiting": {"reason": "CrashLoopBackOff"}}}]},
            "CrashLoop",
        ),
        (
            {"phase": "Pending", "initContainerStatuses": [{"state": {"waiting": {"reason": "ErrImagePull"}}}]},
            "ErrImage",
        ),
        (
            {
                "phase": "Pending",
                "conditions": [{"type": "PodScheduled", "status": "False", "reason": "Unschedulable"}],
            },
            "Unschedulable",
        ),
        ({"phase": "Failed", "reason": "Evicted"}, "Evicted"),
        ({"phase": "Failed"}, "Failed"),
    ],
)
def test_a_waiting_or_failed_pod_is_reported(status: dict[str, Any], named: str) -> None:
    (problem,) = pod_problems([{**POD, "status": status}])
    assert problem.startswith("web-1: ")
    assert named in problem


def test_terminating_pods_and_failed_job_attempts_do_not_count() -> None:
    failed = {**POD, "status": {"phase": "Failed"}}
    assert pod_problems([changed(failed, lambda it: it["metadata"].update(deletionTimestamp="now"))]) == []
    assert pod_problems([changed(failed, lambda it: it["metadata"].update(ownerReferences=[{"kind": "Job"}]))]) == []
