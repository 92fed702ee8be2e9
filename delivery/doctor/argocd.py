"""What delivers the workloads: Terraform, or an existing Argo CD Application."""

from collections.abc import Iterator
from typing import Any

from delivery.account.error import AbsentError
from delivery.doctor.examination import Examination
from delivery.doctor.finding import Fact, Finding, fine, in_the_way, note

_API = "/apis/argoproj.io/v1alpha1/namespaces"


def facts(examination: Examination) -> Iterator[Fact]:
    """The AppProject and the environment's Application."""
    target = examination.target
    yield Fact(
        name="Argo CD project",
        settings=f"AppProject {target.shared.argocd.project}",
        read=lambda: _project(examination),
    )
    yield Fact(
        name="Argo CD delivery",
        settings=f'delivery="{target.environment.delivery}"',
        read=lambda: _application(examination),
    )


def _project(examination: Examination) -> Finding:
    argocd = examination.target.shared.argocd
    projects = f"{_API}/{argocd.namespace}/appprojects"
    try:
        examination.target.kubernetes_api.get(f"{projects}/{argocd.project}")
    except AbsentError:
        found, remedy = f"there is none in {argocd.namespace}", _remedy_of_project(examination, projects)
        if examination.target.environment.delivery == "argocd":
            return in_the_way(found, remedy)
        return note(f"{found}; Terraform's delivery needs none", remedy)
    return fine("exists")


def _remedy_of_project(examination: Examination, projects: str) -> str:
    argocd = examination.target.shared.argocd
    try:
        names = [item["metadata"]["name"] for item in examination.target.kubernetes_api.get(projects)["items"]]
    except AbsentError:
        names = []
    lines = [f'argocd=ArgoCd(project="{name}", ...) in environments/shared.py' for name in names]
    return " or ".join([*lines, f"create AppProject {argocd.project} in {argocd.namespace}"])


def _application(examination: Examination) -> Finding:
    target = examination.target
    environment, name = target.environment, target.names.instance
    try:
        path = f"{_API}/{target.shared.argocd.namespace}/applications/{name}"
        application = target.kubernetes_api.get(path)
    except AbsentError:
        if environment.delivery == "argocd":
            return fine(f"there is no Application {name}; see its row")
        return fine(f"there is no Application {name}")
    found = f"Application {name}: {', '.join(_habits(application))}"
    if environment.delivery == "argocd":
        if application["metadata"].get("finalizers"):
            return note(found, f"make adopt ENV={environment.name} removes the finalizer; until then do not delete it")
        return fine(found)
    return in_the_way(
        f"{found}; Terraform would be a second owner of the workloads",
        f'delivery="argocd" with "argocd-application" in adopt in {examination.environment_file}; or make adopt '
        f"ENV={environment.name} for delivery by Terraform. Do not delete the Application",
    )


def _habits(application: dict[str, Any]) -> Iterator[str]:
    """What it does automatically, and what its deletion would do."""
    automated = application["spec"].get("syncPolicy", {}).get("automated")
    if automated is None:
        yield "syncs on demand"
    else:
        yield "automated"
        yield from (word for key, word in (("prune", "prunes"), ("selfHeal", "heals itself")) if automated.get(key))
    finalizers = application["metadata"].get("finalizers", [])
    yield f"finalizer {', '.join(finalizers)}" if finalizers else "no finalizer"
