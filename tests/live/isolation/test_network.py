"""Network: the policies in the cluster leave no path from one environment's pods to the other's."""

from ipaddress import IPv4Address, IPv4Network
from itertools import product

import pytest

from modules.model.capabilities import connections_of
from tests.account import SHARED
from tests.live.isolation.cluster_network import ClusterEnd, namespace_labels, policies, running_pods
from tests.live.isolation.tenant import Tenant, listed
from tests.live.project import Project
from tests.synth.network import End, Policies

pytestmark = [pytest.mark.promise("Isolation"), pytest.mark.read_only]
CONTAINER_PORT = 8080
PROTOCOLS = ("TCP", "UDP", "SCTP")
# The usual ports of servers, in addition to those that a policy names.
PORTS = {22, 53, 80, 443, 5432, 6443, CONTAINER_PORT, 8443, 9090, 10250}
INTERNET = End(address=IPv4Address("198.51.100.7"))
INSTANCE_METADATA = End(address=IPv4Address("169.254.169.254"))
POD_IDENTITY = End(address=IPv4Address("169.254.170.23"))


def pods_of(project: Project, tenant: Tenant) -> list[ClusterEnd]:
    found = [pod for pod in running_pods(project.kubernetes) if pod.namespace == tenant.names.namespace]
    assert {pod.labels.get("app") for pod in found} >= {"web", "core-api"}, f"{tenant.names.namespace} has no pods"
    return found


def paths(found: Policies, sources: list[ClusterEnd], destinations: list[ClusterEnd]) -> list[str]:
    """Return every connection that the policies admit."""
    return [
        f"{source} to {destination}, port {port}/{protocol}"
        for source, destination, port, protocol in product(sources, destinations, PORTS | found.ports, PROTOCOLS)
        if found.allow(source, destination, port, protocol)
    ]


def load_balancer_subnets(project: Project) -> list[IPv4Network]:
    """Return the subnets of the shared load balancer, found by the controller's tags."""
    balancers = project.client("elbv2")
    for balancer in balancers.describe_load_balancers()["LoadBalancers"]:
        (described,) = balancers.describe_tags(ResourceArns=[balancer["LoadBalancerArn"]])["TagDescriptions"]
        if {"Key": "ingress.k8s.aws/stack", "Value": SHARED.load_balancer_group} in described["Tags"]:
            ids = [zone["SubnetId"] for zone in balancer["AvailabilityZones"]]
            subnets = project.client("ec2").describe_subnets(SubnetIds=ids)["Subnets"]
            return [IPv4Network(subnet["CidrBlock"]) for subnet in subnets]
    raise AssertionError(f"there is no load balancer of the group {SHARED.load_balancer_group}")


def database_port(project: Project) -> int:
    return project.database_server.port


def somewhere_in_the_vpc(subnets: list[IPv4Network]) -> IPv4Address:
    """Return an address in the VPC outside these subnets, such as a node's."""
    return next(
        subnet[10]
        for subnet in IPv4Network(SHARED.vpc_cidr).subnets(new_prefix=20)
        if not any(subnet.overlaps(taken) for taken in subnets)
    )


def test_no_path_leads_from_any_pod_to_any_pod_of_the_other_environment(
    project: Project, own: Tenant, other: Tenant
) -> None:
    open_paths = paths(policies(project.kubernetes), pods_of(project, own), pods_of(project, other))
    assert not open_paths, f"the network policies admit:\n{listed(open_paths)}"


def test_no_path_leads_from_any_other_namespace_to_the_pods(project: Project, own: Tenant) -> None:
    kubernetes, target = project.kubernetes, pods_of(project, own)
    running = [pod for pod in running_pods(kubernetes) if pod.namespace != own.names.namespace]
    # For a namespace without pods, one as similar to ours as possible.
    lookalikes = [
        ClusterEnd(
            address=target[0].address + 1000,
            namespace=namespace,
            labels=target[0].labels,
            name="a pod",
            labels_of_namespace=labels,
        )
        for namespace, labels in namespace_labels(kubernetes).items()
        if namespace != own.names.namespace
    ]
    open_paths = paths(policies(kubernetes), [*running, *lookalikes], target)
    assert not open_paths, f"the network policies admit:\n{listed(open_paths)}"


def test_pods_admit_only_the_load_balancer_and_each_other_on_their_serving_ports(project: Project, own: Tenant) -> None:
    found, target, subnets = policies(project.kubernetes), pods_of(project, own), load_balancer_subnets(project)
    serving = {(CONTAINER_PORT, "TCP")}
    vpc = somewhere_in_the_vpc(subnets)
    ends = {f"load balancer {subnet}": (End(address=subnet[5]), serving) for subnet in subnets}
    ends |= {f"neighbour {pod}": (pod, serving) for pod in target}
    ends |= {"a node": (End(address=vpc), set()), "the internet": (INTERNET, set())}
    for (name, (end, expected)), pod in product(ends.items(), target):
        admitted = {
            (port, protocol)
            for port, protocol in product(PORTS | found.ports, PROTOCOLS)
            if found.allow(end, pod, port, protocol)
        }
        assert admitted == expected, f"{name} to {pod}: {sorted(admitted)}, not {sorted(expected)}"


def database_subnets(project: Project) -> list[IPv4Network]:
    """Return the subnets of the database server's subnet group."""
    rds, server = project.client("rds"), SHARED.database_server
    if server.kind == "cluster":
        group = rds.describe_db_clusters(DBClusterIdentifier=server.name)["DBClusters"][0]["DBSubnetGroup"]
    else:
        found = rds.describe_db_instances(DBInstanceIdentifier=server.name)["DBInstances"][0]
        group = found["DBSubnetGroup"]["DBSubnetGroupName"]
    (described,) = rds.describe_db_subnet_groups(DBSubnetGroupName=group)["DBSubnetGroups"]
    ids = [subnet["SubnetIdentifier"] for subnet in described["Subnets"]]
    return [IPv4Network(it["CidrBlock"]) for it in project.client("ec2").describe_subnets(SubnetIds=ids)["Subnets"]]


def services(project: Project) -> IPv4Network:
    """Return the address range of the cluster's Services."""
    cluster = project.client("eks").describe_cluster(name=SHARED.cluster)["cluster"]
    return IPv4Network(cluster["kubernetesNetworkConfig"]["serviceIpv4Cidr"])


def test_pods_reach_only_dns_the_database_and_outside_https(project: Project, own: Tenant) -> None:
    found, postgresql = policies(project.kubernetes), (database_port(project), "TCP")
    subnets = database_subnets(project)
    assert subnets
    # Outside the subnets of the load balancer and the database; a capability may have its own port there.
    vpc = somewhere_in_the_vpc([*load_balancer_subnets(project), *subnets])
    labels = namespace_labels(project.kubernetes)["kube-system"]
    dns = ClusterEnd(address=vpc, namespace="kube-system", labels={"k8s-app": "kube-dns"}, labels_of_namespace=labels)
    in_the_vpc = {(it.port, "TCP") for it in connections_of(own.settings) if (it.direction, it.peer) == ("out", "vpc")}
    ends: dict[str, tuple[End, set[tuple[int, str]]]] = {
        "DNS": (dns, {(53, "UDP"), (53, "TCP")} | in_the_vpc),
        "elsewhere in the VPC": (End(address=vpc), in_the_vpc),
        "a Service": (End(address=services(project)[10]), set()),
        "the internet": (INTERNET, {(443, "TCP")}),
        "the instance metadata": (INSTANCE_METADATA, set()),
        "the node's credentials": (POD_IDENTITY, set()),
    }
    ends |= {f"the database in {subnet}": (End(address=subnet[10]), {postgresql} | in_the_vpc) for subnet in subnets}
    for (name, (end, expected)), pod in product(ends.items(), pods_of(project, own)):
        admitted = {
            (candidate, protocol)
            for candidate, protocol in product(PORTS | found.ports, PROTOCOLS)
            if found.allow(pod, end, candidate, protocol)
        }
        assert admitted == expected, f"{pod} to {name}: {sorted(admitted)}, not {sorted(expected)}"
