"""The checks of the controller's events, and of the addresses it writes."""

from typing import Any

import pytest

from delivery.verification.ingress.reconciliation import address_problem, last_failure

INGRESS: dict[str, Any] = {"metadata": {"name": "web", "uid": "1"}}
CONFLICT = "Failed build model due to conflicting tag Environment: staging | prod"


def event(reason: str, minute: int, *, uid: str = "1", **times: Any) -> dict[str, Any]:  # noqa: ANN401
    at = times or {"lastTimestamp": f"2026-11-29T13:{minute:02}:00Z"}
    return {
        "metadata": {"creationTimestamp": "2026-11-29T12:00:00Z"},
        "involvedObject": {"kind": "Ingress", "uid": uid},
        "reason": reason,
        "message": CONFLICT if reason.startswith("Failed") else "Successfully reconciled",
        **at,
    }


SUCCESS, FAILURE = "SuccessfullyReconciled", "FailedBuildModel"


@pytest.mark.parametrize(
    "events",
    [
        [],
        [event(SUCCESS, 1)],
        [event(FAILURE, 1), event(SUCCESS, 2)],
        [event(SUCCESS, 2), event(FAILURE, 1)],
        # Events have seconds only: a success at the same time counts as later than a retried failure.
        [event(SUCCESS, 1), event(FAILURE, 1)],
        # A deleted ingress of the same name.
        [event(FAILURE, 3, uid="0")],
        # From external-dns or another reporter.
        [event("BackendNotFound", 3)],
    ],
)
def test_a_resolved_failure_does_not_count(events: list[dict[str, Any]]) -> None:
    assert last_failure(INGRESS, events) is None


@pytest.mark.parametrize(
    "reason", ["FailedBuildModel", "FailedDeployModel", "FailedAddFinalizer", "FailedUpdateStatus"]
)
@pytest.mark.parametrize(
    "times",
    [
        {"lastTimestamp": "2026-11-29T13:05:00Z"},
        {"series": {"lastObservedTime": "2026-11-29T13:05:00.000000Z"}, "eventTime": "2026-11-29T12:00:00.000000Z"},
        {"eventTime": "2026-11-29T13:05:00.000000Z", "lastTimestamp": None},
    ],
)
def test_a_failure_newer_than_the_last_success_is_reported(reason: str, times: dict[str, Any]) -> None:
    assert last_failure(INGRESS, [event(SUCCESS, 1), event(reason, 0, **times)]) == f"ingress web: {reason}: {CONFLICT}"


def test_a_failure_without_any_success_is_reported() -> None:
    assert last_failure(INGRESS, [event(FAILURE, 1)]) == f"ingress web: {FAILURE}: {CONFLICT}"


def at(*addresses: dict[str, str]) -> dict[str, Any]:
    return {**INGRESS, "status": {"loadBalancer": {"ingress": [*addresses]}}}


ADDRESS = "K8s-shared-1.us-east-1.elb.amazonaws.com"


@pytest.mark.parametrize(
    ("ingress", "said"),
    [
        (at({"hostname": ADDRESS.lower()}), None),
        (INGRESS, "ingress web has no address yet"),
        ({**INGRESS, "status": {"loadBalancer": {}}}, "ingress web has no address yet"),
        (at({"hostname": "old.example.com"}), f"ingress web is at old.example.com, not {ADDRESS}"),
        (
            at({"hostname": ADDRESS.lower()}, {"ip": "192.0.2.1"}),
            f"ingress web is at {ADDRESS.lower()}, 192.0.2.1, not {ADDRESS}",
        ),
    ],
)
def test_an_ingress_must_have_exactly_the_load_balancers_address(ingress: dict[str, Any], said: str | None) -> None:
    assert address_problem(ingress, ADDRESS) == said
