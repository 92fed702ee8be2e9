"""Checks that only one owner delivers: Argo CD's Application exists exactly where the settings want it."""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from lightkube.generic_resource import create_namespaced_resource

from delivery.account.error import CheckError
from delivery.account.kubernetes_namespace import Manifest
from delivery.account.target import Target
from delivery.verification.check import Caution, Check
from modules.model.argocd_application import argocd_application

Application = create_namespaced_resource("argoproj.io", "v1alpha1", "Application", "applications")


def checks(target: Target) -> Iterator[Check]:
    """Check the Application of an environment that Argo CD delivers."""
    if target.environment.delivery != "argocd":
        return
    name = target.names.instance
    yield Check(
        name="argo cd application",
        run=partial(_application, target, name),
        expected=f"{name} as the settings say, Synced and Healthy",
        look=f"kubectl -n {target.shared.argocd.namespace} describe applications.argoproj.io {name}",
        waits=True,
    )


def _application(target: Target, name: str) -> str | Caution:
    application = target.argocd.read(Application, name)
    wanted = argocd_application(target.environment, target.shared, target.names)
    problems = application_problems(application, wanted)
    if problems:
        raise CheckError(", ".join(problems), lasting=True)
    if target.local:
        return Caution(f"{name} is as the settings say; no Argo CD runs on the local cloud, so its sync is not checked")
    problems = sync_problems(application)
    if problems:
        raise CheckError(", ".join(problems))
    return f"{name}, Synced and Healthy"


def application_problems(application: Manifest, wanted: Manifest) -> list[str]:
    """How an Application differs from the wanted one; values that only the account knows may be anything."""
    problems = list(_differences(_delivered(application["spec"]), wanted["spec"], "spec"))
    if application["metadata"].get("finalizers"):
        problems.append(
            "it has finalizers, so deleting it would delete the workloads; make adopt removes the finalizers"
        )
    return problems


def foreign_fields(application: Manifest, wanted: Manifest) -> list[str]:
    """The fields that this Application has and the wanted one does not name; applying the wanted one keeps them."""
    return list(_foreign(_delivered(application["spec"]), wanted["spec"], "spec"))


def _foreign(found: Any, wanted: Any, path: str) -> Iterator[str]:  # noqa: ANN401 any part of a manifest
    if isinstance(wanted, Mapping) and isinstance(found, Mapping):
        for key in sorted(found.keys() - {"values"}):
            if key in wanted:
                yield from _foreign(found[key], wanted[key], f"{path}.{key}")
            else:
                yield f"{path}.{key}"
    elif isinstance(wanted, list) and isinstance(found, list):
        for index, (one, other) in enumerate(zip(found, wanted, strict=False)):
            yield from _foreign(one, other, f"{path}[{index}]")


def _delivered(spec: Manifest) -> Manifest:
    """A specification without harmless additions by others.

    These are Argo CD's own default of allowEmpty, and an ignored number of pods, which an autoscaler owns.
    """
    kept = dict(spec)
    if all(row.get("jsonPointers") == ["/spec/replicas"] for row in kept.get("ignoreDifferences", [])):
        kept.pop("ignoreDifferences", None)
    automated = kept.get("syncPolicy", {}).get("automated") or {}
    if automated.get("allowEmpty") is False:
        automated = {key: value for key, value in automated.items() if key != "allowEmpty"}
        kept["syncPolicy"] = {**kept["syncPolicy"], "automated": automated}
    return kept


def _differences(found: Any, wanted: Any, path: str) -> Iterator[str]:  # noqa: ANN401 any part of a manifest
    if isinstance(wanted, Mapping) and isinstance(found, Mapping):
        for key in sorted({*found, *wanted} - {"values"}):
            yield from _differences(found.get(key), wanted.get(key), f"{path}.{key}")
    elif isinstance(wanted, list) and isinstance(found, list) and len(wanted) == len(found):
        for index, (one, other) in enumerate(zip(found, wanted, strict=True)):
            yield from _differences(one, other, f"{path}[{index}]")
    elif found != wanted:
        yield f"{path} is {found}, not {wanted}"


def sync_problems(application: Manifest) -> list[str]:
    """What Argo CD reports as not done."""
    status = application.get("status", {})
    sync, health = status.get("sync", {}).get("status"), status.get("health", {}).get("status")
    problems = (
        [] if (sync, health) == ("Synced", "Healthy") else [f"{sync or 'not synced yet'}, {health or 'no health'}"]
    )
    return problems + [f"{condition['type']}: {condition['message']}" for condition in status.get("conditions", [])]
