"""Gives network interfaces the addresses of pods, as EKS's network plugin does by prefixes; moto knows of no prefix.

The load balancer controller finds by them which interface, and so which security group, it has to open for a pod.
https://docs.aws.amazon.com/eks/latest/userguide/cni-increase-ip-addresses.html
"""

from moto.ec2.models.elastic_network_interfaces import NetworkInterface


def install(pods: str) -> None:
    """Let every network interface have the prefix that all pods' addresses are in.

    pods: in CIDR notation. A node of AWS has a few prefixes of 16 addresses; here each has all.
    """
    setattr(NetworkInterface, "ipv4_prefixes", [{"Ipv4Prefix": pods}])  # noqa: B010 mypy forbids the plain form
