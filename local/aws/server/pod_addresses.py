"""Assigns pods' address prefixes to network interfaces, as EKS's network plugin does; moto has no prefixes.

The load balancer controller uses them to find the interface, and so the security group, that it must open for a pod.
https://docs.aws.amazon.com/eks/latest/userguide/cni-increase-ip-addresses.html
"""

from moto.ec2.models.elastic_network_interfaces import NetworkInterface


def install(pods: str) -> None:
    """Give every network interface the prefix that contains all pods' addresses.

    pods: in CIDR notation. An AWS node has a few prefixes of 16 addresses; here each node has all addresses.
    """
    setattr(NetworkInterface, "ipv4_prefixes", [{"Ipv4Prefix": pods}])  # noqa: B010 mypy forbids the plain form
