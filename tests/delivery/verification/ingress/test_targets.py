"""The checks of an application's targets."""

from typing import Any

import pytest

from delivery.account.target_group import Target, registered, target_groups, targets
from delivery.verification.ingress.targets import target_problems
from tests.delivery.conftest import Account


def pod(name: str, address: str | None, *, ready: bool = True, leaving: bool = False) -> dict[str, Any]:
    metadata = {"name": name, **({"deletionTimestamp": "2026-11-29T13:00:00Z"} if leaving else {})}
    condition = {"type": "Ready", "status": str(ready)}
    return {"metadata": metadata, "status": {"conditions": [condition], **({"podIP": address} if address else {})}}


def a_target(address: str, *, port: int = 8080, state: str = "healthy", reason: str = "") -> Target:
    return Target(address=address, port=port, state=state, reason=reason)


PODS = (pod("web-1", "10.0.0.1"), pod("web-2", "10.0.0.2"), pod("web-3", None, ready=False))
TARGETS = (a_target("10.0.0.1"), a_target("10.0.0.2"))


def test_exactly_the_ready_pods_are_accepted() -> None:
    leaving = pod("web-0", "10.0.0.9", leaving=True)
    assert target_problems(TARGETS, [*PODS, leaving], port=8080) == []


@pytest.mark.parametrize(
    ("found", "pods", "said"),
    [
        (TARGETS[:1], PODS, "pod web-2 at 10.0.0.2 is not registered yet"),
        (TARGETS, PODS[:1], "10.0.0.2 is registered, but no ready pod has that address"),
        (
            TARGETS,
            (PODS[0], pod("web-2", "10.0.0.2", ready=False)),
            "10.0.0.2 is registered, but no ready pod has that address",
        ),
        (
            (TARGETS[0], a_target("10.0.0.2", port=3000)),
            PODS,
            "10.0.0.2 is registered with port 3000, not 8080",
        ),
        (
            (TARGETS[0], a_target("10.0.0.2", state="unhealthy", reason="Target.Timeout")),
            PODS,
            "10.0.0.2 is unhealthy (Target.Timeout)",
        ),
        ((TARGETS[0], a_target("10.0.0.2", state="initial")), PODS, "10.0.0.2 is initial"),
        ((), (), "no pod is ready"),
    ],
)
def test_a_wrong_target_is_reported(found: tuple[Target, ...], pods: tuple[Any, ...], said: str) -> None:
    assert target_problems(found, pods, port=8080) == [said]


def test_registered_targets_are_read_and_healthy_in_moto(account: Account) -> None:
    """moto does not probe targets, so on the local cloud the verification notes that."""
    part = account()
    elbv2, arn = part.target.elbv2, part.target_group("web", "mosaic-staging/web-web:80")
    part.target_group("theirs", "mosaic-staging/web-web:80", cluster="another")
    elbv2.register_targets(TargetGroupArn=arn, Targets=[{"Id": "10.0.0.1", "Port": 8080}])
    elbv2.register_targets(TargetGroupArn=arn, Targets=[{"Id": "10.0.0.2", "Port": 8080}])
    elbv2.deregister_targets(TargetGroupArn=arn, Targets=[{"Id": "10.0.0.2"}])
    (group,) = target_groups(elbv2, part.target.shared.cluster).values()
    assert (group.name, group.owner) == ("web", "mosaic-staging/web-web:80")
    assert targets(elbv2, group) == [a_target("10.0.0.1")]


@pytest.mark.parametrize("state", ["draining", "unhealthy.draining"])
def test_a_deregistering_target_does_not_count(state: str) -> None:
    def described(address: str, state: str) -> Any:  # noqa: ANN401 one of the API's forms
        return {"Target": {"Id": address, "Port": 8080}, "TargetHealth": {"State": state}}

    assert registered([described("10.0.0.1", "healthy"), described("10.0.0.2", state)]) == [a_target("10.0.0.1")]
