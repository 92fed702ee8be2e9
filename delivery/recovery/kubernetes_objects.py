"""Finds existing Kubernetes objects."""

import sys
import time
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import httpx2
from lightkube import ApiError
from lightkube.core.resource import NamespacedResource
from lightkube.generic_resource import create_namespaced_resource
from lightkube.resources.batch_v1 import Job
from lightkube.resources.core_v1 import Namespace
from lightkube.types import CascadeType

from delivery.recovery.error import RecoveryError
from delivery.recovery.search import Found, Search
from delivery.recovery.stack import Body

_PAUSE_SECONDS = 2.0
_REPORT_EVERY_SECONDS = 10.0

# A Kubernetes object as the API returns it.
Object = dict[str, Any]


def namespace(search: Search, body: Body) -> Found | None:
    """The namespace of this name."""
    name = body["metadata"]["name"]
    return Found(id=name, name=name) if _read(search, Namespace, name) is not None else None


def namespaced(kind: type[NamespacedResource]) -> Callable[[Search, Body], Found | None]:
    """Return a function that finds an object of this kind by name in the environment's namespace."""

    def find(search: Search, body: Body) -> Found | None:
        name = body["metadata"]["name"]
        if _read(search, kind, name) is None:
            return None
        return Found(id=f"{search.target.names.namespace}/{name}", name=f"{kind.__name__} {name}")

    return find


def manifest(search: Search, body: Body) -> Found | None:
    """The object of a custom kind."""
    content = body["manifest"]
    version, kind, name = content["apiVersion"], content["kind"], content["metadata"]["name"]
    group, _, number = version.partition("/")
    given: str = content["metadata"]["namespace"]
    # A reference is to the environment's own namespace; Argo CD's Applications name theirs.
    place = search.target.names.namespace if given.startswith("${") else given
    if _read(search, create_namespaced_resource(group, number, kind, f"{kind.lower()}s"), name, place) is None:
        return None
    return Found(id=f"apiVersion={version},kind={kind},namespace={place},name={name}", name=f"{kind} {name}")


def finished_job(search: Search, body: Body) -> Found | None:
    """The Job of this name, once it is complete: nobody would wait for an imported Job that still runs.

    Waits for it, at most until its own deadline, when the cluster ends it.
    """
    name = body["metadata"]["name"]
    said = -_REPORT_EVERY_SECONDS
    while (job := _read(search, Job, name)) is not None and not _has(job, "Failed"):
        if _has(job, "Complete"):
            return Found(id=f"{search.target.names.namespace}/{name}", name=f"Job {name}")
        if time.monotonic() - said >= _REPORT_EVERY_SECONDS:
            said = time.monotonic()
            print(f"wait    Job {name} of the earlier run is still running", file=sys.stderr, flush=True)
        time.sleep(_PAUSE_SECONDS)
    return None


def has_failed(search: Search, name: str) -> bool:
    """Whether there is a Job of this name that failed."""
    job = _read(search, Job, name)
    return job is not None and _has(job, "Failed")


def delete_job(search: Search, name: str) -> None:
    """Delete a Job with its pods, and wait until it is gone: its name must be free for a new one."""
    place = search.target.names.namespace
    search.target.kubernetes.delete(Job, name, namespace=place, cascade=CascadeType.FOREGROUND)
    while any(
        job.metadata and job.metadata.name == name for job in search.target.kubernetes.list(Job, namespace=place)
    ):
        time.sleep(_PAUSE_SECONDS)


def _has(job: Object, condition: str) -> bool:
    conditions = job.get("status", {}).get("conditions", [])
    return any(row["type"] == condition and row["status"] == "True" for row in conditions)


def _read(search: Search, kind: Any, name: str, namespace: str = "") -> Object | None:  # noqa: ANN401 lightkube's class
    place = {} if kind is Namespace else {"namespace": namespace or search.target.names.namespace}
    what = f"{kind.__name__} {name}"
    try:
        found: Object = search.target.kubernetes.get(kind, name, **place).to_dict()
    except ApiError as error:
        if error.status.code == HTTPStatus.NOT_FOUND:
            return None
        raise
    except httpx2.TransportError as error:
        raise RecoveryError(f"no answer from the API server about {what}: {error}") from None
    search.require_labels(what, found["metadata"])
    if "deletionTimestamp" in found["metadata"]:
        raise RecoveryError(f"{what} is being deleted; try again when it is gone")
    return found
