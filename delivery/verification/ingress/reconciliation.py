"""Checks that the AWS Load Balancer Controller reconciled the environment's ingresses and set their addresses."""

from collections.abc import Iterable, Iterator
from functools import partial

from lightkube.resources.core_v1 import Event
from lightkube.resources.networking_v1 import Ingress

from delivery.account.error import CheckError
from delivery.account.kubernetes_namespace import Manifest
from delivery.account.target import Target
from delivery.verification.check import Check
from delivery.verification.ingress.load_balancer import balancer_of, patiently
from environments.applications import CORE_API, WEB
from modules.model.names import load_balancer_group

# Its reasons: pkg/k8s/events.go of https://github.com/kubernetes-sigs/aws-load-balancer-controller
_SUCCESS, _FAILURE = "SuccessfullyReconciled", "Failed"


def checks(target: Target) -> Iterator[Check]:
    """Check the events and the addresses of both ingresses."""
    if target.environment.paused:
        return
    namespace = target.names.namespace
    yield Check(
        name="reconciliation",
        run=patiently(target, partial(_reconciliation, target)),
        expected="the group reconciled, and the load balancer's address in the status of both ingresses",
        look=f"kubectl -n {namespace} describe ingress; for conflicting tags make doctor ENV={target.environment.name}",
        waits=True,
    )


def _reconciliation(target: Target) -> str:
    ingresses = [target.namespace.read(Ingress, name) for name in (WEB.name, CORE_API.name)]
    events = target.namespace.read_all(Event)
    failures = [failure for ingress in ingresses if (failure := last_failure(ingress, events))]
    if failures:
        raise CheckError(", ".join(failures))
    balancer = balancer_of(target, load_balancer_group(target.environment, target.shared))
    problems = [problem for ingress in ingresses if (problem := address_problem(ingress, balancer.address))]
    if problems:
        raise CheckError(", ".join(problems))
    return f"both ingresses are at {balancer.name}"


def last_failure(ingress: Manifest, events: Iterable[Manifest]) -> str | None:
    """The controller's newest event about this ingress, if it is a failure; None otherwise.

    The API server keeps events for an hour, and a controller that keeps failing repeats them more often.
    """
    metadata = ingress["metadata"]
    about = [
        event
        for event in events
        if event["involvedObject"].get("uid") == metadata["uid"]
        and str(event.get("reason", "")).startswith((_SUCCESS, _FAILURE))
    ]
    newest = max(about, key=lambda event: (_time(event), event["reason"] == _SUCCESS), default=None)
    if newest is None or newest["reason"] == _SUCCESS:
        return None
    return f"ingress {metadata['name']}: {newest['reason']}: {newest.get('message')}"


def _time(event: Manifest) -> str:
    """When it last happened, to the second, as text in one comparable format."""
    series = event.get("series") or {}
    times = (series.get("lastObservedTime"), event.get("lastTimestamp"), event.get("eventTime"))
    return next((str(time) for time in times if time), str(event["metadata"].get("creationTimestamp")))[:19]


def address_problem(ingress: Manifest, address: str) -> str | None:
    """How an ingress's address differs from its load balancer's; None if it does not."""
    listed = (ingress.get("status", {}).get("loadBalancer") or {}).get("ingress") or []
    found = [it.get("hostname") or it.get("ip") for it in listed]
    name = ingress["metadata"]["name"]
    if not found:
        return f"ingress {name} has no address yet"
    # The controller writes the address in lower case.
    return None if found == [address.lower()] else f"ingress {name} is at {', '.join(map(str, found))}, not {address}"
