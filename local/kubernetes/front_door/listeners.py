"""Reads the account's load balancers from Elastic Load Balancing and Certificate Manager."""

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass

from local.aws.clients import AwsClients
from modules.model.described_rule import described_rule
from modules.model.listener_rule import Rule, answering
from modules.model.selected_settings import SHARED

_FRESH_SECONDS = 1.0
_GROUP, _RESOURCE = "ingress.k8s.aws/stack", "ingress.k8s.aws/resource"
# https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html
_LEAVING = {"draining", "unhealthy.draining"}


@dataclass(frozen=True, kw_only=True)
class Listener:
    """A port of a load balancer. certificates: in PEM."""

    port: int
    rules: tuple[Rule, ...]
    certificates: tuple[str, ...] = ()

    def leads(self, host: str) -> bool:
        """Return whether a rule other than the default one covers this host."""
        return answering(self.rules, host)[0].priority is not None


class Listeners:
    """The listeners of all load balancers of the account, at most one second old.

    Methods propagate the client's exceptions: ClientError, BotoCoreError.
    """

    def __init__(self, aws: AwsClients) -> None:
        self._elbv2, self._acm = aws.elbv2, aws.acm
        self._lock = threading.Lock()
        self._until = 0.0
        self._known: list[Listener] = []

    def find(self, port: int, host: str) -> Listener | None:
        """Return the listener on a port of the load balancer that has a rule for the host.

        On AWS the host's DNS record leads a client to its load balancer. Here all share one address: if several have a
        rule for the host, or none has, the shared group's listener is used.
        """
        found = [listener for listener in self.all() if listener.port == port]
        return next((listener for listener in found if listener.leads(host)), found[0] if found else None)

    def all(self) -> list[Listener]:
        """Return all of them, those of the shared group first."""
        with self._lock:
            if time.monotonic() > self._until:
                self._known = list(self._read())
                self._until = time.monotonic() + _FRESH_SECONDS
            return self._known

    def made_of(self, target_group: str) -> str:
        """Return what the controller created a target group for: NAMESPACE/INGRESS-SERVICE:PORT."""
        return self._tags(target_group).get(_RESOURCE, "")

    def targets(self, target_group: str) -> list[tuple[str, int]]:
        """Return address and port of each healthy registered target, or of all if none is healthy, as AWS does."""
        found = self._elbv2.describe_target_health(TargetGroupArn=target_group)["TargetHealthDescriptions"]
        staying = [it for it in found if it["TargetHealth"]["State"] not in _LEAVING]
        healthy = [it for it in staying if it["TargetHealth"]["State"] == "healthy"]
        return [(it["Target"]["Id"], it["Target"].get("Port", 0)) for it in healthy or staying]

    def _read(self) -> Iterator[Listener]:
        balancers = [
            balancer["LoadBalancerArn"]
            for page in self._elbv2.get_paginator("describe_load_balancers").paginate()
            for balancer in page["LoadBalancers"]
        ]
        for balancer in sorted(balancers, key=lambda arn: self._tags(arn).get(_GROUP) != SHARED.load_balancer_group):
            for page in self._elbv2.get_paginator("describe_listeners").paginate(LoadBalancerArn=balancer):
                for row in page["Listeners"]:
                    yield Listener(
                        port=row["Port"],
                        rules=self._rules(row["ListenerArn"]),
                        certificates=self._certificates(row["ListenerArn"]) if row["Protocol"] == "HTTPS" else (),
                    )

    def _rules(self, listener: str) -> tuple[Rule, ...]:
        pages = self._elbv2.get_paginator("describe_rules").paginate(ListenerArn=listener)
        return tuple(described_rule(row) for page in pages for row in page["Rules"])

    def _certificates(self, listener: str) -> tuple[str, ...]:
        listed = self._elbv2.describe_listener_certificates(ListenerArn=listener)["Certificates"]
        arns = [it["CertificateArn"] for it in listed]
        return tuple(self._acm.get_certificate(CertificateArn=arn)["Certificate"].strip() for arn in arns)

    def _tags(self, arn: str) -> dict[str, str]:
        (described,) = self._elbv2.describe_tags(ResourceArns=[arn])["TagDescriptions"]
        return {tag["Key"]: tag.get("Value", "") for tag in described["Tags"]}
