"""A neighbour changes only Pod Security and its own network policy in a stack."""

from itertools import product
from pathlib import Path

import pytest

from environments.schema.rules import SettingsError, check
from modules.model.selected_settings import SHARED
from tests.synth.network import LOAD_BALANCER_SUBNETS, VPC, End, Policies, pods
from tests.synth.synthesis import synthesize_settings
from tests.synth.template import Template
from tests.unit.environments.example import environment

NEIGHBOURS = (
    {
        "name": "prerender",
        "labels": {"app.kubernetes.io/name": "prerender"},
        "connections": (
            {"direction": "in", "peer": "own namespace", "port": 3000},
            {"direction": "out", "peer": "namespace", "namespace": "aiservices", "port": 4000},
        ),
        "pod_security": "privileged",
    },
    {
        "name": "docs",
        "labels": {"app.kubernetes.io/name": "docs"},
        "connections": (
            {"direction": "in", "peer": "namespace", "namespace": "observability", "port": 9113},
            {"direction": "in", "peer": "load balancer", "port": 8081},
        ),
        "pod_security": "baseline",
    },
    {"name": "quiet", "labels": {"app": "quiet"}},
)
PRERENDER = End(address=VPC[200 * 256], namespace="mosaic-test", labels={"app.kubernetes.io/name": "prerender"})
DOCS = End(address=VPC[200 * 256 + 1], namespace="mosaic-test", labels={"app.kubernetes.io/name": "docs"})
LOAD_BALANCER = End(address=LOAD_BALANCER_SUBNETS[0][5])
ELSEWHERE = End(address=VPC[200 * 256 + 2], namespace="default")
OBSERVABILITY = End(address=VPC[200 * 256 + 3], namespace="observability")
LITELLM = End(address=VPC[200 * 256 + 4], namespace="aiservices")
PORTS = (443, 3000, 4000, 8080, 8081, 9113)


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Template:
    return synthesize_settings(tmp_path_factory.mktemp("alone"), environment())


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Template:
    return synthesize_settings(tmp_path_factory.mktemp("shared"), environment({"neighbours": NEIGHBOURS}))


def test_the_namespace_enforces_the_weakest_standard_and_warns_below_restricted(shared: Template) -> None:
    labels = shared.kubernetes["kubernetes_namespace_v1.namespace"]["labels"]
    found = {mode: labels[f"pod-security.kubernetes.io/{mode}"] for mode in ("enforce", "audit", "warn")}
    assert found == {"enforce": "privileged", "audit": "restricted", "warn": "restricted"}


def test_a_neighbour_that_needs_more_adds_only_a_policy(alone: Template, shared: Template) -> None:
    assert shared.bodies.keys() - alone.bodies.keys() == {
        "kubernetes_network_policy_v1.network_neighbour_prerender",
        "kubernetes_network_policy_v1.network_neighbour_docs",
    }
    different = {address for address, body in alone.bodies.items() if shared.bodies[address] != body}
    changed = {"kubernetes_namespace_v1.namespace", "kubernetes_network_policy_v1.network_allow"}
    # Resources that wait for all network policies wait for these too.
    assert changed <= different
    for address in different - changed:
        assert {**shared.bodies[address], "depends_on": None} == {**alone.bodies[address], "depends_on": None}


def test_neighbours_have_exactly_the_connections_in_their_settings(shared: Template) -> None:
    policies = Policies.of(shared)
    served = {(PRERENDER.address, 3000), (PRERENDER.address, 8080), (DOCS.address, 8080)}
    own = pods(shared)
    for source, destination, port in product([*own, PRERENDER, DOCS], (PRERENDER, DOCS), PORTS):
        admitted = policies.allow(source, destination, port)
        assert admitted is ((destination.address, port) in served), (source, destination, port)
    for port in PORTS:
        assert policies.allow(LOAD_BALANCER, DOCS, port) is (port in {8080, 8081})
        assert policies.allow(LOAD_BALANCER, PRERENDER, port) is (port == 8080)
        assert policies.allow(OBSERVABILITY, DOCS, port) is (port == 9113)
        assert not policies.allow(ELSEWHERE, PRERENDER, port)
        assert policies.allow(PRERENDER, LITELLM, port) is (port == 4000)
        assert not policies.allow(DOCS, LITELLM, port)


def test_neighbours_do_not_change_access_to_our_own_pods(alone: Template, shared: Template) -> None:
    before, after = Policies.of(alone), Policies.of(shared)
    for pod, port in product(pods(shared), PORTS):
        for source in (LOAD_BALANCER, OBSERVABILITY, ELSEWHERE, PRERENDER, *pods(shared)):
            assert after.allow(source, pod, port) is before.allow(source, pod, port), (source, pod, port)


def test_a_neighbour_cannot_use_our_own_pods_labels(tmp_path: Path) -> None:
    own = [pod.labels for pod in pods(synthesize_settings(tmp_path / "test", environment()))]
    assert own
    for labels in own:
        neighbour = {"name": "other", "labels": labels}
        with pytest.raises(SettingsError, match="also selects pods of"):
            check([environment({"neighbours": (neighbour,)})], SHARED)
