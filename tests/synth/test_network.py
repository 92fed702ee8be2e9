"""The NetworkPolicies select every pod and deny everything that an environment does not need."""

from ipaddress import IPv4Address
from itertools import permutations, product

import pytest

from environments.schema.settings import Environment
from modules.model.selected_settings import SHARED
from tests.conftest import ENVIRONMENTS
from tests.synth.network import (
    DATABASE_SUBNETS,
    LOAD_BALANCER_SUBNETS,
    POSTGRESQL_PORT,
    SERVICES,
    VPC,
    End,
    Policies,
    pods,
)
from tests.synth.template import Template

CONTAINER_PORT = 8080
DNS = End(address=VPC[128 * 256 + 98], namespace="kube-system", labels={"k8s-app": "kube-dns"})
DATABASE = End(address=DATABASE_SUBNETS[1][7])
ELSEWHERE_IN_THE_VPC = End(address=VPC[66 * 256])
SERVICE = End(address=SERVICES[10])
LOAD_BALANCER = End(address=LOAD_BALANCER_SUBNETS[0][5])
INTERNET = End(address=IPv4Address("198.51.100.7"))
INSTANCE_METADATA = End(address=IPv4Address("169.254.169.254"))
POD_IDENTITY = End(address=IPv4Address("169.254.170.23"))
ANOTHER_NAMESPACE = End(address=VPC[128 * 256 + 99], namespace="default", labels={"app": "core-api"})
LITELLM = End(address=VPC[128 * 256 + 100], namespace="aiservices")
METRICS = End(address=VPC[128 * 256 + 101], namespace="observability")
NEPTUNE_PORT, LITELLM_PORT, PRERENDER_PORT = 8182, 4000, 3000
PORTS = {22, 53, 80, 443, 8443, CONTAINER_PORT, POSTGRESQL_PORT, NEPTUNE_PORT, LITELLM_PORT, PRERENDER_PORT}
PROTOCOLS = ("TCP", "UDP")


def test_a_policy_denies_every_pod_everything_by_default(template: Template) -> None:
    deny = template.one("kubernetes_network_policy_v1", "network_default_deny")
    assert deny["spec"] == {"pod_selector": {}, "policy_types": ["Ingress", "Egress"]}


def test_every_policy_except_neighbours_selects_every_pod(whole: Template, settings: Environment) -> None:
    """A policy with a label selector only allows traffic of a neighbour's pods; other policies do the denying."""
    policies = Policies.of(whole).policies
    everybodys = [policy for policy in policies if policy.spec["pod_selector"] == {}]
    assert len(everybodys) == 2, "a selector by label misses the pod that lacks it"
    assert all(policy.selects(pod) for policy in everybodys for pod in pods(whole))
    others = [policy for policy in policies if policy not in everybodys]
    named = [{"match_labels": dict(neighbour.labels)} for neighbour in settings.neighbours if neighbour.connections]
    assert sorted((policy.spec["pod_selector"] for policy in others), key=str) == sorted(named, key=str)
    assert not [policy for policy in others for pod in pods(whole) if policy.selects(pod)]


def test_pods_reach_exactly_what_they_need(whole: Template, settings: Environment) -> None:
    policies = Policies.of(whole)
    ends = {
        "dns": DNS,
        "database": DATABASE,
        "internet": INTERNET,
        "load balancer": LOAD_BALANCER,
        "another namespace": ANOTHER_NAMESPACE,
        "litellm": LITELLM,
        "metrics": METRICS,
        "instance metadata": INSTANCE_METADATA,
        "pod identity": POD_IDENTITY,
        "a service": SERVICE,
        "elsewhere in the VPC": ELSEWHERE_IN_THE_VPC,
    }
    for pod in pods(whole):
        admitted = {
            (name, port, protocol)
            for (name, end), port, protocol in product(ends.items(), PORTS | policies.ports, PROTOCOLS)
            if policies.allow(pod, end, port, protocol)
        }
        # HTTPS outside of the VPC (AWS, Google), and PostgreSQL at the database server. If a port leads to somebody
        # else's pod, that side's rules decide.
        https = {("internet", 443, "TCP")}
        postgresql = {("database", POSTGRESQL_PORT, "TCP")}
        in_the_vpc = set(ends) - {"internet", "instance metadata", "pod identity", "a service"}
        capabilities = {
            # Its cluster is identified by its port in the VPC.
            "neptune": {(name, NEPTUNE_PORT, "TCP") for name in in_the_vpc},
            "litellm": {("litellm", LITELLM_PORT, "TCP")},
        }
        named = {path for name in settings.capabilities for path in capabilities.get(name, ())}
        assert admitted == {("dns", 53, "UDP"), ("dns", 53, "TCP")} | https | postgresql | named


def test_https_in_the_vpc_matches_the_settings(template: Template) -> None:
    allow = template.one("kubernetes_network_policy_v1", "network_allow")
    (rule,) = [it for it in allow["spec"]["egress"] if it["ports"] == [{"port": "443", "protocol": "TCP"}]]
    everywhere, *named = [peer["ip_block"] for peer in rule["to"]]
    assert everywhere["except"][0] == "${data.aws_vpc.shared_vpc.cidr_block}"
    assert named == [{"cidr": network} for network in SHARED.https_in_vpc]


def test_only_the_load_balancer_and_the_same_namespace_reach_the_pods(whole: Template, settings: Environment) -> None:
    """And metrics collectors, if the environment allows them."""
    policies = Policies.of(whole)
    outside = (DNS, DATABASE, INTERNET, ANOTHER_NAMESPACE, LITELLM)
    for pod, port, protocol in product(pods(whole), PORTS | policies.ports, PROTOCOLS):
        served = (port, protocol) == (CONTAINER_PORT, "TCP")
        assert policies.allow(LOAD_BALANCER, pod, port, protocol) is served, (port, protocol)
        for neighbour in pods(whole):
            assert policies.allow(neighbour, pod, port, protocol) is served, (port, protocol)
        scraped = served and "metrics" in settings.capabilities
        assert policies.allow(METRICS, pod, port, protocol) is scraped, (port, protocol)
        for end in outside:
            assert not policies.allow(end, pod, port, protocol), (end, port, protocol)


@pytest.mark.parametrize(("one", "other"), list(permutations((*ENVIRONMENTS, "preview-2"), 2)))
def test_no_connection_crosses_environments(wholes: dict[str, Template], one: str, other: str) -> None:
    policies = Policies.of(wholes[one], wholes[other])
    everything = product(pods(wholes[one]), pods(wholes[other]), PORTS | policies.ports, PROTOCOLS)
    assert not [path for path in everything if policies.allow(*path)]


def test_the_containers_listen_on_the_allowed_ports(whole: Template) -> None:
    ports = {
        port["container_port"]
        for body in whole.all("kubernetes_deployment_v1").values()
        for container in body["spec"]["template"]["spec"]["container"]
        for port in container["port"]
    }
    assert ports == {CONTAINER_PORT}


def test_the_policies_use_the_present_or_future_subnets_of_load_balancer_and_database(
    template: Template, settings: Environment
) -> None:
    subnets = {
        "shared": "${data.aws_lb.shared_load_balancer.subnets}",
        "own": "${toset(data.aws_subnets.shared_public_subnets.ids)}",
    }
    assert template.one("data.aws_subnet", "shared_load_balancer_subnet") == {
        "for_each": subnets[settings.alb],
        "id": "${each.value}",
    }
    assert template.one("data.aws_subnet", "shared_database_subnet") == {
        "for_each": "${toset(data.aws_db_subnet_group.shared_database_subnet_group.subnet_ids)}",
        "id": "${each.value}",
    }
    vpc = template.one("data.aws_vpc", "shared_vpc")
    assert vpc["id"] == "${data.aws_eks_cluster.shared_cluster.vpc_config[0].vpc_id}"
