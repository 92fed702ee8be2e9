"""What an ingress tells the AWS Load Balancer Controller and external-dns."""

import json
import re
from collections.abc import Mapping, Sequence

from environments.schema.contract import HealthCheck
from environments.schema.settings import Shared

LOAD_BALANCER = "alb.ingress.kubernetes.io/"
CERTIFICATE = f"{LOAD_BALANCER}certificate-arn"
GROUP, ORDER = f"{LOAD_BALANCER}group.name", f"{LOAD_BALANCER}group.order"
TAGS, ATTRIBUTES = f"{LOAD_BALANCER}tags", f"{LOAD_BALANCER}load-balancer-attributes"
OF_OWN_LOAD_BALANCER = (TAGS, ATTRIBUTES, f"{LOAD_BALANCER}ssl-policy")
_DNS = "external-dns.alpha.kubernetes.io/"
HOSTNAME = f"{_DNS}hostname"
_DNS_TTL_SECONDS = 300
# The API streams answers for longer than the default of a minute. On the shared load balancer its owner sets this.
_IDLE_TIMEOUT_SECONDS = 3600
# TLS 1.2 and 1.3, only authenticated ciphers with forward secrecy, and post-quantum key exchange if the client supports
# it: AWS's recommendation. The controller's own default, ELBSecurityPolicy-2016-08, allows TLS 1.0:
# https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html
_TLS_POLICY = "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09"
_LISTENERS = json.dumps([{"HTTP": 80}, {"HTTPS": 443}])


def ingress_annotations(*, health_check: HealthCheck) -> dict[str, str]:
    """The annotations of an application's ingress in every environment: listeners, targets and health checks.

    The listeners' ports, the redirect and the scheme must be equal throughout a group, and are.
    """
    protocol_version = health_check.protocol_version
    return _of_load_balancer(
        {
            "scheme": "internet-facing",
            "target-type": "ip",
            "listen-ports": _LISTENERS,
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
    """The annotations of an ingress in one environment: hosts, IngressGroup, position among the group's rules."""
    return {GROUP: group, ORDER: str(order), HOSTNAME: ",".join(hosts)}


def own_load_balancer_annotations(tags: Mapping[str, str]) -> dict[str, str]:
    """An environment's settings for its own load balancer, the same on each of the group's ingresses.

    On the shared load balancer only its owner sets these: one environment that sets them breaks every other
    (kubernetes-sigs/aws-load-balancer-controller#1986).
    """
    values = (
        ",".join(f"{key}={value}" for key, value in tags.items()),
        f"idle_timeout.timeout_seconds={_IDLE_TIMEOUT_SECONDS}",
        _TLS_POLICY,
    )
    return dict(zip(OF_OWN_LOAD_BALANCER, values, strict=True))


def annotation_forms(shared: Shared) -> dict[str, str]:
    """A regular expression for the whole value of each annotation that an ingress may have on any load balancer.

    It leaves out an environment's group, order and hosts, which have no fixed form. shared: the settings with the
    certificates.
    """
    seconds, count = "[1-9][0-9]{0,2}", "[1-9][0-9]?"
    certificate = f"arn:aws:acm:{shared.region}:{shared.account}:certificate/[A-Za-z0-9-]+"
    return _of_load_balancer(
        {
            "scheme": "internet-facing",
            "target-type": "ip",
            "listen-ports": re.escape(_LISTENERS),
            "ssl-redirect": "443",
            "healthcheck-path": "/[A-Za-z0-9/._-]*",
            "healthcheck-interval-seconds": seconds,
            "healthcheck-timeout-seconds": seconds,
            "healthy-threshold-count": count,
            "unhealthy-threshold-count": count,
            "success-codes": "[0-9]{3}([,-][0-9]{3})*",
            "backend-protocol-version": "HTTP1|HTTP2|GRPC",
        }
    ) | {
        CERTIFICATE: certificate,
        GROUP: "[a-z0-9.-]+",
        ORDER: "[0-9]+",
        HOSTNAME: ".*",
        f"{_DNS}ttl": "[1-9][0-9]{0,4}",
    }


def _of_load_balancer(annotations: Mapping[str, str]) -> dict[str, str]:
    return {f"{LOAD_BALANCER}{key}": value for key, value in annotations.items()}
