"""Interface endpoints: they make a service's name resolve into the VPC, where pods reach only configured addresses.

Source: https://docs.aws.amazon.com/vpc/latest/privatelink/interface-endpoints.html
"""

import json
from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Network

from delivery.doctor.examination import Examination
from delivery.doctor.finding import Fact, Finding, fine, in_the_way

# The services that the applications' pods call, by endpoint service name.
_CALLED = (
    *("sts", "s3", "secretsmanager", "bedrock", "bedrock-runtime", "sns", "sqs", "email", "email-smtp"),
    *("aws-marketplace", "metering-marketplace"),
)
_SETTING = "https_in_vpc"


def facts(examination: Examination) -> Iterator[Fact]:
    """The endpoints of services that pods call; the settings must include each of their addresses."""
    named = examination.target.shared.https_in_vpc
    yield Fact(
        name="HTTPS in the VPC",
        settings=f"{_SETTING}: {', '.join(named) or 'nothing, all services are outside'}",
        read=lambda: _endpoints(examination),
    )


def _endpoints(examination: Examination) -> Finding:
    target = examination.target
    vpc = target.cluster["resourcesVpcConfig"]["vpcId"]
    pages = target.ec2.get_paginator("describe_vpc_endpoints").paginate(
        Filters=[{"Name": "vpc-id", "Values": [vpc]}, {"Name": "vpc-endpoint-type", "Values": ["Interface"]}]
    )
    called = {f"com.amazonaws.{target.shared.region}.{service}": service for service in _CALLED}
    interfaces = {
        interface: called[endpoint["ServiceName"]]
        for page in pages
        for endpoint in page["VpcEndpoints"]
        if endpoint.get("PrivateDnsEnabled") and endpoint["ServiceName"] in called
        for interface in endpoint.get("NetworkInterfaceIds", [])
    }
    services = sorted(set(interfaces.values()))
    if not interfaces:
        return fine("no interface endpoint takes over the name of a service that pods call")
    described = target.ec2.describe_network_interfaces(NetworkInterfaceIds=sorted(interfaces))["NetworkInterfaces"]
    addresses = {row["PrivateIpAddress"]: interfaces[row["NetworkInterfaceId"]] for row in described}
    networks = [IPv4Network(network) for network in target.shared.https_in_vpc]
    missing = [it for it in addresses if not any(IPv4Address(it) in network for network in networks)]
    if not missing:
        return fine(f"includes the endpoints of {', '.join(services)}")
    wanted = [*target.shared.https_in_vpc, *(f"{address}/32" for address in sorted(missing, key=IPv4Address))]
    unreached = sorted({addresses[it] for it in missing})
    return in_the_way(
        f"pods would not reach {', '.join(unreached)}: their names resolve to endpoints in {vpc}",
        f"{_SETTING}=({', '.join(map(json.dumps, wanted))},) in environments/shared.py",
    )
