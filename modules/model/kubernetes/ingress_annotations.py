"""What an ingress tells the AWS Load Balancer Controller and external-dns."""

import json
from collections.abc import Mapping, Sequence

from environments.schema.contract import HealthCheck

LOAD_BALANCER = "alb.ingress.kubernetes.io/"
CERTIFICATE = f"{LOAD_BALANCER}certificate-arn"
OF_OWN_LOAD_BALANCER = (f"{LOAD_BALANCER}tags", f"{LOAD_BALANCER}load-balancer-attributes")
_DNS = "external-dns.alpha.kubernetes.io/"
_DNS_TTL_SECONDS = 300
# The API streams answers for longer than the default of a minute. On the shared load balancer its owner sets this.
_IDLE_TIMEOUT_SECONDS = 3600


def ingress_annotations(*, health_check: HealthCheck) -> dict[str, str]:
    """Of an application's ingress in every environment: listeners, targets, and how a target's health is asked.

    The listeners' ports, the redirect and the scheme must be equal throughout a group, and are.
    """
    protocol_version = health_check.protocol_version
    return _of_load_balancer(
        {
            "scheme": "internet-facing",
            "target-type": "ip",
            "listen-ports": json.dumps([{"HTTP": 80}, {"HTTPS": 443}]),
            "ssl-redirect": "443",
            "healthcheck-path": health_check.path,
            "healthcheck-interval-seconds": str(health_check.interval),
            "healthcheck-timeout-seconds": str(health_check.timeout),
            "healthy-threshold-count": str(health_check.healthy_threshold),
            "unhealthy-threshold-count": str(health_check.unhealthy_threshold),
            "success-codes": health_check.success_codes,
            **({"backend-protocol-version": protocol_version} if protocol_version else {}),
        }
    ) | {f"{_DNS}ttl": str(_DNS_TTL_SECONDS)}


def environment_annotations(*, hosts: Sequence[str], group: str, order: int) -> dict[str, str]:
    """Of an ingress in one environment: its hosts, its IngressGroup, and its place among the group's rules."""
    return _of_load_balancer({"group.name": group, "group.order": str(order)}) | {f"{_DNS}hostname": ",".join(hosts)}


def own_load_balancer_annotations(tags: Mapping[str, str]) -> dict[str, str]:
    """What an environment says about a load balancer of its own, on each of the group's ingresses alike.

    On the shared one it is its owner's to say, and one environment saying it breaks every other
    (kubernetes-sigs/aws-load-balancer-controller#1986).
    """
    values = (
        ",".join(f"{key}={value}" for key, value in tags.items()),
        f"idle_timeout.timeout_seconds={_IDLE_TIMEOUT_SECONDS}",
    )
    return dict(zip(OF_OWN_LOAD_BALANCER, values, strict=True))


def _of_load_balancer(annotations: Mapping[str, str]) -> dict[str, str]:
    return {f"{LOAD_BALANCER}{key}": value for key, value in annotations.items()}
