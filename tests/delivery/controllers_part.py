"""Makes the objects that the AWS Load Balancer Controller and external-dns make in an account."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

import trustme

from delivery.account.target import Target

_REDIRECT = {
    "Protocol": "HTTPS",
    "Port": "443",
    "Host": "#{host}",
    "Path": "/#{path}",
    "Query": "#{query}",
    "StatusCode": "HTTP_301",
}


@cache
def _issued(names: tuple[str, ...]) -> trustme.LeafCert:
    return trustme.CA(key_type=trustme.KeyType.RSA).issue_cert(*names, key_type=trustme.KeyType.RSA)


@dataclass(frozen=True, kw_only=True)
class ControllersPart:
    """An account in which both controllers have their own identity. target: its environment."""

    target: Target

    @property
    def subnets(self) -> list[str]:
        """The load balancers' subnets, in two zones; created if there are none."""
        ec2 = self.target.ec2
        known = ec2.describe_subnets(Filters=[{"Name": "tag:of", "Values": ["load balancers"]}])["Subnets"]
        return [it["SubnetId"] for it in known] or self._make_subnets()

    @property
    def vpc(self) -> str:
        """The subnets' VPC."""
        return self.target.ec2.describe_subnets(SubnetIds=self.subnets)["Subnets"][0]["VpcId"]

    def _make_subnets(self) -> list[str]:
        ec2 = self.target.ec2
        vpc = ec2.create_vpc(CidrBlock="10.20.0.0/16")["Vpc"]["VpcId"]
        tags: Any = [{"ResourceType": "subnet", "Tags": [{"Key": "of", "Value": "load balancers"}]}]
        made = [
            ec2.create_subnet(VpcId=vpc, CidrBlock=cidr, AvailabilityZone=zone, TagSpecifications=tags)
            for cidr, zone in (("10.20.0.0/24", "us-east-1a"), ("10.20.1.0/24", "us-east-1b"))
        ]
        return [it["Subnet"]["SubnetId"] for it in made]

    def tags(self, *, resource: str, group: str | None = None, cluster: str | None = None) -> list[Any]:
        values = {
            "elbv2.k8s.aws/cluster": cluster or self.target.shared.cluster,
            "ingress.k8s.aws/stack": group or self.target.shared.load_balancer_group,
            "ingress.k8s.aws/resource": resource,
        }
        return [{"Key": key, "Value": value} for key, value in values.items()]

    def load_balancer(
        self, name: str = "shared", *, group: str | None = None, cluster: str | None = None, internal: bool = False
    ) -> str:
        """Make a load balancer and return its ARN."""
        made = self.target.elbv2.create_load_balancer(
            Name=name,
            Type="application",
            Scheme="internal" if internal else "internet-facing",
            Subnets=self.subnets,
            Tags=self.tags(resource="LoadBalancer", group=group, cluster=cluster),
        )
        return made["LoadBalancers"][0]["LoadBalancerArn"]

    def address(self, balancer: str) -> str:
        return self.target.elbv2.describe_load_balancers(LoadBalancerArns=[balancer])["LoadBalancers"][0]["DNSName"]

    def certificate(self, *names: str) -> str:
        """Import a certificate and return its ARN."""
        issued = _issued(names)
        return self.target.acm.import_certificate(
            Certificate=issued.cert_chain_pems[0].bytes(), PrivateKey=issued.private_key_pem.bytes()
        )["CertificateArn"]

    def https(self, balancer: str, certificate: str, policy: str = "ELBSecurityPolicy-TLS13-1-2-2021-06") -> str:
        """Make the HTTPS listener, which answers 404, and return its ARN."""
        fixed: Any = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}
        return self._listener(
            balancer, "HTTPS", 443, fixed, Certificates=[{"CertificateArn": certificate}], SslPolicy=policy
        )

    def http(self, balancer: str, redirect: Mapping[str, str] | None = None) -> str:
        """Make the HTTP listener, which redirects, and return its ARN."""
        return self._listener(
            balancer, "HTTP", 80, {"Type": "redirect", "RedirectConfig": {**_REDIRECT, **(redirect or {})}}
        )

    def _listener(
        self,
        balancer: str,
        protocol: Literal["HTTP", "HTTPS"],
        port: int,
        action: Any,  # noqa: ANN401 one of the API's many forms
        **more: Any,  # noqa: ANN401 likewise
    ) -> str:
        made = self.target.elbv2.create_listener(
            LoadBalancerArn=balancer, Protocol=protocol, Port=port, DefaultActions=[action], **more
        )
        return made["Listeners"][0]["ListenerArn"]

    def target_group(self, name: str, owner: str, *, cluster: str | None = None) -> str:
        """Make a target group for NAMESPACE/INGRESS-SERVICE:PORT and return its ARN."""
        made = self.target.elbv2.create_target_group(
            Name=name,
            Protocol="HTTP",
            Port=8080,
            VpcId=self.vpc,
            TargetType="ip",
            Tags=self.tags(resource=owner, cluster=cluster),
        )
        return made["TargetGroups"][0]["TargetGroupArn"]

    def rule(
        self, listener: str, priority: int, *target_groups: str, hosts: Sequence[str], more: Sequence[Any] = ()
    ) -> str:
        """Make a rule for hosts and every path, and return its ARN. more: further conditions."""
        conditions: list[Any] = [
            {"Field": "host-header", "HostHeaderConfig": {"Values": list(hosts)}},
            {"Field": "path-pattern", "PathPatternConfig": {"Values": ["/*"]}},
            *more,
        ]
        groups: list[Any] = [{"TargetGroupArn": arn} for arn in target_groups]
        action: Any = (
            {"Type": "forward", "ForwardConfig": {"TargetGroups": groups}}
            if groups
            else {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "503"}}
        )
        made = self.target.elbv2.create_rule(
            ListenerArn=listener,
            Priority=priority,
            Conditions=conditions,
            Actions=[action],
            Tags=self.tags(resource=f"443:{priority}"),
        )
        return made["Rules"][0]["RuleArn"]

    def zone(self, name: str = "mosaiclife.me", *, private: bool = False) -> str:
        """Make a hosted zone and return its id."""
        network = {"VPCRegion": "us-east-1", "VPCId": self.vpc}
        more = {"VPC": network, "HostedZoneConfig": {"PrivateZone": True}} if private else {}
        return str(
            self.target.route53.create_hosted_zone(Name=name, CallerReference=f"{name}{private}", **more)["HostedZone"][
                "Id"
            ]
        )

    def alias(self, zone: str, host: str, address: str, *kinds: str) -> None:
        """Make alias records of these types for a host."""
        target = {"HostedZoneId": "Z35SXDOTRQ7X7K", "DNSName": address, "EvaluateTargetHealth": True}
        for kind in kinds:
            self.record(zone, {"Name": host, "Type": kind, "AliasTarget": target})

    def owner(self, zone: str, name: str, owner: str) -> None:
        """Make a registry record."""
        text = f'"heritage=external-dns,external-dns/owner={owner},external-dns/resource=ingress/a/b"'
        self.record(zone, {"Name": name, "Type": "TXT", "TTL": 300, "ResourceRecords": [{"Value": text}]})

    def record(self, zone: str, record: Mapping[str, Any], action: str = "CREATE") -> None:
        """Change a zone."""
        self.target.route53.change_resource_record_sets(
            HostedZoneId=zone, ChangeBatch={"Changes": [{"Action": action, "ResourceRecordSet": record}]}
        )
