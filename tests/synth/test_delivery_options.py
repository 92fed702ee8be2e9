"""An environment's own load balancer, and pausing."""

from pathlib import Path

import pytest

from modules.model.selected_settings import SHARED
from tests.synth.synthesis import synthesize_settings
from tests.synth.template import Template
from tests.unit.environments.example import Data, environment

_SCALED: Data = {
    "web.replicas": 2,
    "web.minimum_available": 1,
    "web.autoscaling": {"minimum": 2, "maximum": 2},
    "quota.cpu_limits": "20",
}


def _synthesize(folder: Path, changes: Data) -> Template:
    return synthesize_settings(folder, environment({**_SCALED, **changes}))


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Template:
    return _synthesize(tmp_path_factory.mktemp("own"), {"alb": "own"})


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Template:
    return _synthesize(tmp_path_factory.mktemp("running"), {})


@pytest.fixture(scope="module")
def paused(tmp_path_factory: pytest.TempPathFactory) -> Template:
    return _synthesize(tmp_path_factory.mktemp("paused"), {"paused": True})


def test_both_ingresses_share_the_environments_own_load_balancer(own: Template) -> None:
    for name in ("web", "core_api"):
        annotations = own.kubernetes[f"kubernetes_ingress_v1.{name}_ingress"]["annotations"]
        assert annotations["alb.ingress.kubernetes.io/group.name"] == "mosaic-life-test"
        # Equal on both, because the controller refuses a group with contradicting ingresses.
        assert annotations["alb.ingress.kubernetes.io/tags"] == (
            f"Project=MosaicLife,Environment=test,ManagedBy=cdktf,Repository={SHARED.repository}"
        )
        assert annotations["alb.ingress.kubernetes.io/load-balancer-attributes"] == "idle_timeout.timeout_seconds=3600"


def test_a_load_balancer_that_does_not_exist_yet_is_not_looked_up(own: Template, running: Template) -> None:
    assert (running.count("data.aws_lb"), running.count("data.aws_subnets")) == (1, 0)
    assert own.count("data.aws_lb") == 0
    subnets = own.one("data.aws_subnets", "shared_public_subnets")
    assert subnets["filter"] == [
        {"name": "vpc-id", "values": ["${data.aws_vpc.shared_vpc.id}"]},
        {"name": "tag:kubernetes.io/role/elb", "values": ["1", ""]},
    ]
    (check,) = subnets["lifecycle"]["postcondition"]
    assert check["condition"] == "${length(self.ids) > 0}"


def test_the_network_policy_allows_the_future_load_balancers_subnets(own: Template) -> None:
    assert own.one("data.aws_subnet", "shared_load_balancer_subnet") == {
        "for_each": "${toset(data.aws_subnets.shared_public_subnets.ids)}",
        "id": "${each.value}",
    }


def test_a_paused_environment_lacks_only_workloads_and_routes_to_them(running: Template, paused: Template) -> None:
    assert running.bodies.keys() - paused.bodies.keys() == {
        "kubernetes_deployment_v1.core_api_deployment",
        "kubernetes_deployment_v1.web_deployment",
        "kubernetes_horizontal_pod_autoscaler_v2.web_autoscaler",
        "kubernetes_ingress_v1.core_api_ingress",
        "kubernetes_ingress_v1.web_ingress",
        "kubernetes_pod_disruption_budget_v1.web_disruption_budget",
    }
    assert not paused.bodies.keys() - running.bodies.keys()
    assert {address: body for address, body in running.bodies.items() if address in paused.bodies} == paused.bodies
