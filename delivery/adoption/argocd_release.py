"""Hands an existing Argo CD Application's workloads over to Terraform, or the Application itself to the stack.

Nothing here touches a workload. Source: https://argo-cd.readthedocs.io/en/stable/user-guide/app_deletion/
"""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from lightkube.resources.apps_v1 import Deployment
from lightkube.types import CascadeType, PatchType

from delivery.account.error import AbsentError
from delivery.account.kubernetes_namespace import Manifest
from delivery.account.target import Target
from delivery.adoption.error import AdoptionError
from delivery.recovery import kubernetes_objects
from delivery.recovery.error import RecoveryError
from delivery.recovery.inventory import Inventory
from delivery.recovery.search import Search
from delivery.recovery.stack import Stack
from delivery.recovery.stored_state import StoredState
from delivery.recovery.table import FINDERS
from delivery.recovery.unchanged_import import import_unchanged
from delivery.terraform.workspace import CommandFailedError, Workspace
from delivery.verification.argocd import Application, foreign_fields
from modules.model.application_objects import application_objects
from modules.model.argocd_application import argocd_application
from modules.model.names import state_key
from modules.model.secrets import ApplicationSecrets

# Argo CD's own finalizers, such as resources-finalizer.argocd.argoproj.io/background; we don't remove any others.
_ARGOCD = "argocd.argoproj.io"
_RUNNING = ("Running", "Terminating")
_DEPLOYMENT = "kubernetes_deployment_v1"
_MANIFEST = "kubernetes_manifest"
_PAUSE_SECONDS = 2.0
_REPORT_EVERY_SECONDS = 10.0
# Argo CD retries a failed sync five times; our settings limit the pauses to three minutes.
_PATIENCE_SECONDS = 900.0


class ArgocdRelease:
    """With delivery="terraform", imports the Application's workloads and then deletes it without them.

    With delivery="argocd", removes the finalizer of an adopted Application that would delete its workloads with it.
    The order lets the next run continue after any interruption: disable sync, remove finalizers, import objects, delete
    the Application.
    """

    title = "Argo CD"

    def changes(self, target: Target) -> list[str]:
        """What ``apply`` would do, one change a line. Raises AdoptionError, CheckError, ApiError."""
        application = _find(target)
        if application is None:
            return []
        name = target.names.instance
        _require_no_owner(application)
        finalizers = [f"remove  finalizer {finalizer} of Application {name}" for finalizer in _finalizers(application)]
        if target.environment.delivery == "argocd":
            if not target.environment.adopts("argocd-application"):
                return []
            _require_nothing_that_stays(target, application)
            return finalizers
        _require_workloads(target)
        with _refused():
            stack = _synthesize(target)
            inventory, left = _inventory(target, stack), list(left_behind(_search(target, stack)))
        return [
            *([f"disable automated sync of Application {name}"] if _is_automated(application) else []),
            *([f"wait    for the running sync of Application {name}"] if _is_syncing(application) else []),
            *finalizers,
            *inventory.lines,
            *left,
            f"delete  Application {name}; its workloads stay",
        ]

    def apply(self, target: Target) -> None:
        """Apply the changes. Raises AdoptionError, CheckError, ApiError."""
        application = _find(target)
        if application is None:
            return
        _require_no_owner(application)
        if target.environment.delivery == "argocd":
            if target.environment.adopts("argocd-application"):
                _require_nothing_that_stays(target, application)
                _remove_finalizers(target)
            return
        _require_workloads(target)
        # Checks that the import can succeed before anything changes.
        with _refused():
            stack = _synthesize(target)
            _inventory(target, stack)
            disable_sync(target)
            _remove_finalizers(target)
            _import(target, stack)
        delete(target)


def _find(target: Target) -> Manifest | None:
    try:
        return target.argocd.read(Application, target.names.instance)
    except AbsentError:
        return None


def _is_automated(application: Manifest) -> bool:
    automated = application["spec"].get("syncPolicy", {}).get("automated")
    return automated is not None and automated.get("enabled") is not False


def _is_syncing(application: Manifest) -> bool:
    phase = application.get("status", {}).get("operationState", {}).get("phase")
    return "operation" in application or phase in _RUNNING


def _finalizers(application: Manifest) -> list[str]:
    return [finalizer for finalizer in application["metadata"].get("finalizers", []) if _ARGOCD in finalizer]


def _require_no_owner(application: Manifest) -> None:
    """An ApplicationSet would revert changes to an Application that it generates, or recreate it."""
    for owner in application["metadata"].get("ownerReferences", []):
        name = application["metadata"]["name"]
        raise AdoptionError(
            f"Application {name} belongs to {owner['kind']} {owner['name']}, which would restore it; delete that "
            f"first, without its Applications: kubectl -n {application['metadata']['namespace']} delete "
            f"{owner['kind'].lower()} {owner['name']} --cascade=orphan"
        )


def _require_workloads(target: Target) -> None:
    if target.environment.paused:
        raise AdoptionError(
            f"{target.environment.name} is paused, so its stack lacks workloads and cannot import them; allowed: "
            "paused=False first"
        )


def left_behind(search: Search) -> Iterator[str]:
    """A line for each existing workload that the stack lacks: nobody owns it once the Application is deleted."""
    declared = {resource.address for resource in search.stack.resources}
    for address, identifier in _workloads(search.target).items():
        kind, _, _ = address.partition(".")
        if kind != _MANIFEST and address not in declared:
            found = FINDERS[kind](search, {"metadata": {"name": identifier.rpartition("/")[2]}})
            if found is not None:
                yield f"leave   {found.name}: it exists, but the stack has none; delete it, or add it to the settings"


def _workloads(target: Target) -> dict[str, str]:
    return application_objects(target.names, ApplicationSecrets.of(target.environment, target.shared, target.names))


def _search(target: Target, stack: Stack) -> Search:
    return Search(target=target, stack=stack, application=target.names.instance)


def _require_nothing_that_stays(target: Target, application: Manifest) -> None:
    """An import keeps fields that the stack's manifest does not name; the provider cannot plan with some of them."""
    wanted = argocd_application(target.environment, target.shared, target.names)
    if fields := foreign_fields(application, wanted):
        raise AdoptionError(
            f"Application {target.names.instance} has fields that an import would keep: {', '.join(fields)}; remove "
            "them first (docs/gitops.md)"
        )


def disable_sync(target: Target) -> None:
    """Disable automated sync and wait for a running one to end. Raises AdoptionError if either fails."""
    name = target.names.instance
    application = _find(target)
    if application is not None and _is_automated(application):
        _patch(target, {"spec": {"syncPolicy": {"automated": None}}})
        print(f"done    automated sync of Application {name} is off", flush=True)
    _wait(
        target, _is_syncing, f"the sync of Application {name} is still running; end it: argocd app terminate-op {name}"
    )
    application = _find(target)
    if application is not None and _is_automated(application):
        raise AdoptionError(
            f"automated sync of Application {name} is on again: something restores it, such as another Application "
            "that contains this one; remove it from there first, without deleting it"
        )


def _remove_finalizers(target: Target) -> None:
    application = _find(target)
    if application is None:
        return
    metadata = application["metadata"]
    for finalizer in (found := _finalizers(application)):
        print(f"remove  finalizer {finalizer} of Application {metadata['name']}", flush=True)
    if found:
        others = [finalizer for finalizer in metadata["finalizers"] if finalizer not in found]
        # With the version, a finalizer added in the meantime causes a conflict instead of being lost.
        _patch(target, {"metadata": {"finalizers": others, "resourceVersion": metadata["resourceVersion"]}})


def _synthesize(target: Target) -> Stack:
    workspace = Workspace.of(target.environment)
    try:
        workspace.synthesize()
    except CommandFailedError as error:
        raise AdoptionError(f"{error}\n{error.log}") from None
    return Stack.read(workspace.folder)


def _inventory(target: Target, stack: Stack) -> Inventory:
    """The workloads that exist but are not in the state. Raises RecoveryError, AdoptionError."""
    names = target.names
    try:
        state = StoredState.read(target.s3, bucket=names.state_bucket, key=state_key(target.environment.name))
    except target.s3.exceptions.NoSuchBucket:
        raise AdoptionError(f"there is no state bucket {names.state_bucket}; make bootstrap creates it") from None
    inventory = Inventory.take(_search(target, stack), state, only=_workloads(target))
    for address in inventory.imports:
        if address.startswith(_DEPLOYMENT):
            _require_same_selector(target, next(row for row in stack.resources if row.address == address).body)
    return inventory


def _require_same_selector(target: Target, body: Manifest) -> None:
    """A Deployment's selector is immutable: a deploy would replace the Deployment with all its pods."""
    name, wanted = body["metadata"]["name"], body["spec"]["selector"]["match_labels"]
    found = target.namespace.read(Deployment, name)["spec"]["selector"].get("matchLabels", {})
    if found != wanted:
        raise AdoptionError(
            f"Deployment {name} selects its pods by {found}, the stack's by {wanted}, and a selector cannot change: a "
            'deploy would replace it and all its pods; allowed: delivery="argocd", or a Deployment with these labels'
        )


def _import(target: Target, stack: Stack) -> None:
    inventory = _inventory(target, stack)
    for job in inventory.failed_jobs:
        kubernetes_objects.delete_job(_search(target, stack), job)
    import_unchanged(stack, inventory, namespace=target.names.namespace)


def delete(target: Target) -> None:
    """Delete the Application without its workloads. Raises AdoptionError if its deletion could delete them too."""
    name = target.names.instance
    application = _find(target)
    if application is None:
        return
    if _is_automated(application) or _is_syncing(application) or _finalizers(application):
        raise AdoptionError(
            f"Application {name} was changed meanwhile, so deleting it could delete its workloads; it stays: run this "
            "again"
        )
    target.kubernetes.delete(Application, name, namespace=target.shared.argocd.namespace, cascade=CascadeType.ORPHAN)
    _wait(target, lambda _: True, f"Application {name} is still being deleted: a finalizer may hold it")
    print(f"done    Application {name} is deleted", flush=True)


def _wait(target: Target, condition: Callable[[Manifest], bool], failure: str) -> None:
    """Wait while the Application exists and meets the condition. Raises AdoptionError with this failure."""
    began, said = time.monotonic(), 0.0
    while (application := _find(target)) is not None and condition(application):
        waited = time.monotonic() - began
        if waited > _PATIENCE_SECONDS:
            raise AdoptionError(failure)
        if waited - said >= _REPORT_EVERY_SECONDS:
            said = waited
            print(f"wait    {waited:.0f} s: {failure}", file=sys.stderr, flush=True)
        time.sleep(_PAUSE_SECONDS)


def _patch(target: Target, change: dict[str, Any]) -> None:
    target.kubernetes.patch(
        Application,
        target.names.instance,
        change,
        namespace=target.shared.argocd.namespace,
        patch_type=PatchType.MERGE,
        field_manager="mosaic-adopt",
    )


@contextmanager
def _refused() -> Iterator[None]:
    """Turns recovery's errors into adoption's."""
    try:
        yield
    except RecoveryError as error:
        raise AdoptionError(str(error)) from None
