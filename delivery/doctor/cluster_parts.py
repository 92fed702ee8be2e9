"""Cluster components that others run and an environment needs: network policies, External Secrets, ingresses."""

from collections.abc import Iterator
from typing import Any

from delivery.account.error import AbsentError
from delivery.account.network_enforcement import network_enforcement
from delivery.doctor.examination import Examination
from delivery.doctor.finding import Fact, Finding, fine, in_the_way, not_seen, note

_GROUP = "external-secrets.io"
# The version that modules/kubernetes/external_secret.py and secret_store.py write.
_VERSION = "v1"
_CONTROLLER = "ingress.k8s.aws/alb"


def facts(examination: Examination) -> Iterator[Fact]:
    """The VPC CNI's switch, External Secrets Operator, the ingress class."""
    shared = examination.target.shared
    yield Fact(name="network policies", settings="enforced by the VPC CNI", read=lambda: _network_policies(examination))
    yield Fact(name="External Secrets", settings=f"{_GROUP}/{_VERSION}", read=lambda: _external_secrets(examination))
    yield Fact(
        name="ingress class", settings=f"{shared.ingress_class}, of {_CONTROLLER}", read=lambda: _ingress(examination)
    )


def _network_policies(examination: Examination) -> Finding:
    enforcement = network_enforcement(examination.target)
    if enforcement.enforced is None:
        return not_seen(enforcement.found)
    return fine(enforcement.found) if enforcement.enforced else note(enforcement.found, enforcement.remedy)


def _external_secrets(examination: Examination) -> Finding:
    remedy = "upgrade External Secrets Operator to 0.16 or newer"
    try:
        group = examination.target.kubernetes_api.get(f"/apis/{_GROUP}")
    except AbsentError:
        return in_the_way("not installed", "install External Secrets Operator, 0.16 or newer")
    served = [version["version"] for version in group["versions"]]
    listed = f"serves {', '.join(served)}"
    return fine(listed) if _VERSION in served else in_the_way(listed, remedy)


def _ingress(examination: Examination) -> Finding:
    name, path = examination.target.shared.ingress_class, "/apis/networking.k8s.io/v1/ingressclasses"
    classes = {item["metadata"]["name"]: item["spec"].get("controller") for item in _items(examination, path)}
    if name not in classes:
        fitting = " or ".join(f'ingress_class="{other}"' for other, by in classes.items() if by == _CONTROLLER)
        remedy = f"{fitting} in environments/shared.py" if fitting else "install the AWS Load Balancer Controller"
        return in_the_way(f"there is none; other classes: {', '.join(classes) or 'none'}", remedy)
    if classes[name] != _CONTROLLER:
        return in_the_way(
            f"it belongs to {classes[name]}", f"an ingress_class of {_CONTROLLER} in environments/shared.py"
        )
    return fine("exists")


def _items(examination: Examination, path: str) -> list[dict[str, Any]]:
    try:
        found: list[dict[str, Any]] = examination.target.kubernetes_api.get(path)["items"]
    except AbsentError:
        return []
    return found
