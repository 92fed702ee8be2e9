"""Checks that the namespace is isolated: secure pods, closed network, quota."""

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from functools import partial
from ipaddress import IPv4Network, ip_network

from botocore.exceptions import ClientError
from lightkube.core.exceptions import ApiError
from lightkube.resources.core_v1 import ResourceQuota
from lightkube.resources.networking_v1 import NetworkPolicy

from delivery.account.error import CheckError
from delivery.account.kubernetes_namespace import Manifest
from delivery.account.network_enforcement import network_enforcement
from delivery.account.target import Target
from delivery.verification.check import Caution, Check
from environments.schema.connection import Connection
from environments.schema.formats import parse_quantity
from environments.schema.neighbour import Neighbour, weakest
from environments.schema.settings import Quota
from modules.model.capabilities import connections_of
from modules.model.neighbours import policy_name
from modules.model.pod_security import RESTRICTED, pod_security_labels
from modules.model.quota import hard_limits
from modules.model.tags import namespace_labels

_POLICIES = ("allow", "default-deny")


def checks(target: Target) -> Iterator[Check]:
    """Check Pod Security labels, network policies and quota."""
    namespace = target.names.namespace
    yield Check(
        name="pod security",
        run=partial(_pod_security, target),
        expected=f"the {weakest(target.environment.neighbours)} Pod Security Standard, enforced",
        look=f"kubectl get namespace {namespace} -o yaml",
    )
    yield Check(
        name="network policies",
        run=partial(_network, target),
        expected=f"{_listed(target)}, and no other",
        look=f"kubectl -n {namespace} describe networkpolicy",
    )
    yield Check(
        name="network plugin",
        run=partial(_enforcement, target),
        expected="network policies enforced by the VPC CNI",
        look="make doctor",
    )
    yield Check(
        name="quota",
        run=partial(_quota, target),
        expected="the quota of the settings",
        look=f"kubectl -n {namespace} describe resourcequota quota",
    )


def _pod_security(target: Target) -> str:
    labels = target.namespace.read_itself()["metadata"].get("labels", {})
    level = weakest(target.environment.neighbours)
    wanted = pod_security_labels(level)
    problems = [f"{label} is {labels.get(label)}" for label, value in wanted.items() if labels.get(label) != value]
    if problems:
        raise CheckError(", ".join(problems))
    needing = [neighbour.name for neighbour in target.environment.neighbours if neighbour.pod_security == level]
    return f"{level}, enforced" + ("" if level == RESTRICTED else f" for {', '.join(needing)}")


def _network(target: Target) -> str:
    policies = target.namespace.read_all(NetworkPolicy)
    problems = network_problems(
        policies,
        IPv4Network(target.shared.vpc_cidr),
        admitted=_namespaces(connections_of(target.environment)),
        neighbours=target.environment.neighbours,
    )
    if problems:
        raise CheckError(", ".join(problems))
    return _listed(target)


def _enforcement(target: Target) -> str | Caution:
    """A Caution, not a failure: the plugin belongs to the cluster, and no deploy of an environment can turn it on."""
    try:
        found = network_enforcement(target)
    except ClientError as error:
        if error.response["Error"]["Code"] != "AccessDeniedException":
            raise
        return Caution("cannot see whether network policies are enforced: no permission for eks:DescribeAddon")
    except ApiError as error:
        return Caution(f"cannot see whether network policies are enforced: {error.status.message}")
    if found.enforced:
        return found.found
    return Caution(f"{found.found}; {found.remedy}" if found.remedy else found.found)


def _listed(target: Target) -> str:
    opened = [policy_name(neighbour) for neighbour in target.environment.neighbours if neighbour.connections]
    return "default-deny and allow for every pod" + "".join(f", {name}" for name in opened)


def _namespaces(connections: Iterable[Connection]) -> set[str]:
    return {row.namespace for row in connections if row.direction == "in" and row.namespace}


def network_problems(
    policies: Sequence[Manifest],
    vpc: IPv4Network,
    admitted: Set[str] = frozenset(),
    neighbours: Sequence[Neighbour] = (),
) -> list[str]:
    """How policies differ from denying every pod all traffic except from this namespace and the VPC.

    Policies only add to what is allowed, so an extra one is a hole. From the VPC means from some of its subnets, since
    the pods of every environment have addresses in it. admitted: the other namespaces that may connect. neighbours:
    each one that needs more has an extra policy for its pods.
    """
    named = {policy["metadata"]["name"]: policy["spec"] for policy in policies}
    opened = {policy_name(neighbour): neighbour for neighbour in neighbours if neighbour.connections}
    known = (*_POLICIES, *opened)
    problems = [f"{name} is missing" for name in known if name not in named]
    problems += [f"{name} should not exist" for name in sorted(named) if name not in known]
    for name, neighbour in opened.items():
        selector = named.get(name, {}).get("podSelector", {"matchLabels": dict(neighbour.labels)})
        if selector != {"matchLabels": dict(neighbour.labels)}:
            problems.append(f"{name} selects {selector}, not the pods with {dict(neighbour.labels)}")
        problems += _strangers(name, named.get(name, {}), vpc, _namespaces(neighbour.connections))
    for name in sorted(named.keys() & set(_POLICIES)):
        if any(named[name].get("podSelector", {}).values()):
            problems.append(f"{name} does not select every pod")
        if sorted(named[name].get("policyTypes", [])) != ["Egress", "Ingress"]:
            problems.append(f"{name} does not cover both directions")
    if named.get("default-deny", {}).get("ingress") or named.get("default-deny", {}).get("egress"):
        problems.append("default-deny allows something")
    return problems + _strangers("allow", named.get("allow", {}), vpc, admitted)


def _strangers(name: str, policy: Manifest, vpc: IPv4Network, admitted: Set[str]) -> list[str]:
    return [
        f"{name} admits {source}"
        for rule in policy.get("ingress", [])
        # A rule without a source admits every source.
        for source in rule.get("from") or [{"ipBlock": {"cidr": "0.0.0.0/0"}}]
        if not _is_near(source, vpc, admitted)
    ]


def _is_near(source: Manifest, vpc: IPv4Network, admitted: Set[str]) -> bool:
    if "namespaceSelector" in source:
        return source["namespaceSelector"] in [{"matchLabels": namespace_labels(namespace)} for namespace in admitted]
    if "ipBlock" not in source:
        return True
    network = ip_network(source["ipBlock"]["cidr"])
    return isinstance(network, IPv4Network) and network != vpc and network.subnet_of(vpc)


def _quota(target: Target) -> str:
    hard = target.namespace.read(ResourceQuota, "quota")["spec"].get("hard", {})
    problems = quota_problems(hard, target.environment.quota)
    if problems:
        raise CheckError(", ".join(problems))
    return ", ".join(f"{resource} {amount}" for resource, amount in sorted(hard.items()))


def quota_problems(hard: Mapping[str, str], quota: Quota) -> list[str]:
    """How a ResourceQuota's limits differ from the settings; amounts are compared as numbers."""
    return [
        f"{resource} is {hard.get(resource)}, not {amount}"
        for resource, amount in hard_limits(quota).items()
        if resource not in hard or parse_quantity(hard[resource]) != parse_quantity(amount)
    ]
