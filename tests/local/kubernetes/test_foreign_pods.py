"""Pods of others in an environment's namespace, as a real API server judges them."""

import time
from collections.abc import Iterator
from typing import Any

import pytest
from lightkube import Client
from lightkube.codecs import from_dict
from lightkube.models.meta_v1 import ObjectMeta
from lightkube.resources.core_v1 import Namespace, Pod

from delivery.account.error import AbsentError
from delivery.account.target import Target
from delivery.verification.foreign_pods import ForeignPods, foreign_pods
from environments.schema.settings import Environment
from modules.model.names import Names
from tests.account import SHARED
from tests.unit.environments.example import environment

# A namespace of its own: another test deletes the example's.
NAMED: dict[str, object] = {"name": "pods", "stage": "pods"}
NAMES = Names.of(environment(NAMED), SHARED)
PATIENCE_SECONDS = 60
DROPPED = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}
RESTRICTED = {**DROPPED, "runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}
PRIVILEGED = {"capabilities": {"drop": ["ALL"], "add": ["SYS_ADMIN"]}, "allowPrivilegeEscalation": False}
REFUSED = "restricted Pod Security would refuse it: "
UNREACHED = "the network policies would let nothing reach its port 3000"


def deployment(name: str, labels: dict[str, str], security: dict[str, Any], port: int) -> dict[str, Any]:
    container = {
        "name": "main",
        "image": "example.org/image:1",
        "ports": [{"containerPort": port}],
        "securityContext": security,
    }
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "namespace": NAMES.namespace},
        "spec": {
            "replicas": 2,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": {"containers": [container]}},
        },
    }


OURS = {
    "app": "web",
    "app.kubernetes.io/name": "web",
    "app.kubernetes.io/instance": NAMES.instance,
    "app.kubernetes.io/component": "frontend",
}
DEPLOYMENTS = (
    deployment("web", OURS, RESTRICTED, 8080),
    deployment("docs", {"app": "docs"}, {**DROPPED, "runAsNonRoot": True}, 8080),
    deployment("prerender", {"app": "prerender"}, PRIVILEGED, 3000),
    deployment("quiet", {"app": "quiet"}, RESTRICTED, 8080),
    deployment("twin", {"app": "twin"}, RESTRICTED, 3000),
)
DOCS = ForeignPods(owner="Deployment docs", labels={"app": "docs"}, reasons=(f"{REFUSED}seccompProfile",))
PRERENDER = ForeignPods(
    owner="Deployment prerender",
    labels={"app": "prerender"},
    reasons=(f"{REFUSED}unrestricted capabilities, runAsNonRoot != true, seccompProfile", UNREACHED),
)
QUIET = ForeignPods(owner="Deployment quiet", labels={"app": "quiet"}, reasons=())
TWIN = ForeignPods(owner="Deployment twin", labels={"app": "twin"}, reasons=(UNREACHED,))


def target_of(settings: Environment, kubernetes: Client) -> Target:
    target = Target.of(settings, SHARED, {})
    vars(target)["kubernetes"] = kubernetes
    return target


@pytest.fixture(scope="module", autouse=True)
def running(kubernetes: Client) -> Iterator[None]:
    """The namespace before this project's first deploy, with the pods of all Deployments."""
    kubernetes.create(Namespace(metadata=ObjectMeta(name=NAMES.namespace)))
    for body in DEPLOYMENTS:
        kubernetes.create(from_dict(body))
    give_up = time.monotonic() + PATIENCE_SECONDS
    while len(list(kubernetes.list(Pod, namespace=NAMES.namespace))) < 2 * len(DEPLOYMENTS):
        assert time.monotonic() < give_up, "the pods were not created"
        time.sleep(0.1)
    yield
    kubernetes.delete(Namespace, NAMES.namespace)


def neighbour(name: str, level: str) -> dict[str, Any]:
    return {"name": name, "labels": {"app": name}, "pod_security": level}


def label(kubernetes: Client, level: str) -> None:
    labels = {"pod-security.kubernetes.io/enforce": level, "pod-security.kubernetes.io/enforce-version": "latest"}
    kubernetes.patch(Namespace, NAMES.namespace, {"metadata": {"labels": labels}})


def test_foreign_pods_are_found_with_what_would_happen_to_them(kubernetes: Client) -> None:
    assert foreign_pods(target_of(environment(NAMED), kubernetes)) == [DOCS, PRERENDER, QUIET, TWIN]


def test_pods_in_a_namespace_that_already_enforces_are_checked_too(kubernetes: Client) -> None:
    label(kubernetes, "restricted")
    assert foreign_pods(target_of(environment(NAMED), kubernetes)) == [DOCS, PRERENDER, QUIET, TWIN]


def test_a_neighbour_in_the_settings_is_not_reported(kubernetes: Client) -> None:
    neighbours = (neighbour("docs", "baseline"), neighbour("prerender", "privileged"))
    assert foreign_pods(target_of(environment({**NAMED, "neighbours": neighbours}), kubernetes)) == [QUIET, TWIN]


def test_a_neighbour_that_violates_its_own_standard_is_named(kubernetes: Client) -> None:
    neighbours = (neighbour("docs", "baseline"), neighbour("prerender", "baseline"))
    found = foreign_pods(target_of(environment({**NAMED, "neighbours": neighbours}), kubernetes))
    assert found == [
        ForeignPods(
            owner="Deployment prerender",
            labels={"app": "prerender"},
            reasons=("baseline Pod Security would refuse it: non-default capabilities",),
        ),
        QUIET,
        TWIN,
    ]


def test_the_check_changes_nothing(kubernetes: Client) -> None:
    before = kubernetes.get(Namespace, NAMES.namespace).metadata
    foreign_pods(target_of(environment(NAMED), kubernetes))
    assert kubernetes.get(Namespace, NAMES.namespace).metadata == before


def test_the_error_names_a_missing_namespace(kubernetes: Client) -> None:
    with pytest.raises(AbsentError, match="there is no namespace mosaic-other"):
        foreign_pods(target_of(environment({"name": "other"}), kubernetes))
