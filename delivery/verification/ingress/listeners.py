"""Checks that the load balancer's listeners redirect to HTTPS, with the ingresses' certificate and no outdated TLS."""

from collections.abc import Iterable, Iterator, Set
from functools import partial

from lightkube.resources.networking_v1 import Ingress

from delivery.account.error import CheckError
from delivery.account.load_balancer import Listener, listeners
from delivery.account.target import Target
from delivery.verification.check import Caution, Check
from delivery.verification.ingress.load_balancer import balancer_of, ingress_events, patiently
from environments.applications import CORE_API, WEB
from modules.model.kubernetes.ingress_annotations import CERTIFICATE
from modules.model.listener_rule import Rule, answering
from modules.model.names import load_balancer_group

_HTTP, _HTTPS = 80, 443
# https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html
_OLD_PROTOCOLS = {"SSLv3", "TLSv1", "TLSv1.1"}


def checks(target: Target) -> Iterator[Check]:
    """Check both listeners, and the security policy of the HTTPS listener."""
    if target.environment.paused:
        return
    group = load_balancer_group(target.environment, target.shared)
    yield Check(
        name="listeners",
        run=patiently(target, partial(_listeners, target, group)),
        expected=f"HTTP on port {_HTTP} redirects each host to HTTPS on port {_HTTPS}, "
        "which has the certificate of the ingresses",
        look=f"aws elbv2 describe-listeners; {ingress_events(target)}",
        waits=True,
    )
    yield Check(
        name="tls policy",
        run=patiently(target, partial(_tls_policy, target, group)),
        expected="TLS 1.2 or newer",
        look="aws elbv2 describe-ssl-policies",
        waits=True,
    )


def https_listener(found: Iterable[Listener]) -> Listener:
    """The HTTPS listener. Raises CheckError if there is none."""
    return _listener(found, _HTTPS, "HTTPS")


def _listener(found: Iterable[Listener], port: int, protocol: str) -> Listener:
    for listener in found:
        if (listener.port, listener.protocol) == (port, protocol):
            return listener
    raise CheckError(f"there is no listener of {protocol} on port {port} yet")


def _listeners(target: Target, group: str) -> str:
    found = listeners(target.elbv2, balancer_of(target, group))
    ingresses = [target.namespace.read(Ingress, name) for name in (WEB.name, CORE_API.name)]
    wanted = {
        arn.strip()
        for ingress in ingresses
        for arn in ingress["metadata"].get("annotations", {}).get(CERTIFICATE, "").split(",")
        if arn
    }
    problems = listener_problems(found, hosts=target.environment.hosts, certificates=wanted)
    if problems:
        raise CheckError(", ".join(problems))
    return "HTTP redirects to HTTPS, which has the certificate of the ingresses"


def listener_problems(found: Iterable[Listener], *, hosts: Iterable[str], certificates: Set[str]) -> list[str]:
    """How listeners differ from redirecting these hosts to HTTPS and serving these certificates there.

    Raises CheckError if one of the two is missing.
    """
    found = list(found)
    https, http = https_listener(found), _listener(found, _HTTP, "HTTP")
    problems = [
        f"http://{host} is answered by {rule} with {words(rule)}"
        for host in hosts
        for rule in answering(http.rules, host)
        if not _is_to_https(rule)
    ]
    return problems + [
        f"the HTTPS listener has {', '.join(https.certificates) or 'no certificate'}, not {arn}"
        for arn in sorted(certificates - {*https.certificates})
    ]


def _is_to_https(rule: Rule) -> bool:
    to = rule.redirect
    return to is not None and (to.protocol, to.port, to.host, to.path, to.query) == (
        *("HTTPS", str(_HTTPS), "#{host}"),
        *("/#{path}", "#{query}"),
    )


def words(rule: Rule) -> str:
    """What a rule does if it does not forward to a target group."""
    to = rule.redirect
    return f"a redirect to {to.protocol.lower()}://{to.host}:{to.port}{to.path}?{to.query}" if to else rule.kind


def _tls_policy(target: Target, group: str) -> str | Caution:
    balancer = balancer_of(target, group)
    name = https_listener(listeners(target.elbv2, balancer)).tls_policy or ""
    (policy,) = target.elbv2.describe_ssl_policies(Names=[name])["SslPolicies"]
    protocols = sorted(policy["SslProtocols"])
    old = [protocol for protocol in protocols if protocol in _OLD_PROTOCOLS]
    if not old:
        return f"{name}: {', '.join(protocols)}"
    found = f"{name} of {balancer.name} admits {', '.join(old)}"
    if target.environment.alb == "own":
        raise CheckError(found)
    return Caution(
        f"{found}; its owner can set another one, with --default-ssl-policy of the controller or sslPolicy in "
        f"IngressClassParams of {target.shared.ingress_class}"
    )
