"""Gives an interface endpoint addresses of its subnets, as AWS does; moto's are anywhere in 10.0.0.0/8."""

from moto.ec2.models import vpcs


def install() -> None:
    """Make an endpoint's network interfaces choose an address by their subnet, as all others do."""
    setattr(vpcs, "random_private_ip", lambda: None)  # noqa: B010 mypy forbids the plain form
