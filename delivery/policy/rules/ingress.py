"""An ingress may only serve the environment's hosts, at its own place on the load balancer, without other settings.

The API server enforces the same (modules/model/admission/ingresses.py).
"""

import re
from collections.abc import Iterator

from delivery.plan.document import ResourceChange
from delivery.policy.rules.rule import Blocks, Finding, Review, Rule, at, items, labels_at, texts
from delivery.redaction.marks import UNKNOWN
from modules.model.kubernetes.ingress_annotations import (
    CERTIFICATE,
    GROUP,
    HOSTNAME,
    ORDER,
    annotation_forms,
    own_load_balancer_annotations,
)
from modules.model.names import load_balancer_group
from modules.model.tags import aws_tags

_ANNOTATIONS = ("metadata", 0, "annotations")


def _find(review: Review) -> Iterator[Finding]:
    for change in review.changes("kubernetes_ingress"):
        if change.after is None:
            continue
        hosts = set(review.environment.hosts)
        spec = at(change.after, "spec", 0)
        served = {str(at(rule, "host") or "every host") for rule in items(at(spec, "rule"))}
        for host in sorted(served - hosts):
            yield Finding.of(change.address, "would serve {}, which is no host of this environment", host)
        if at(spec, "ingress_class_name") != review.shared.ingress_class:
            values = at(spec, "ingress_class_name") or "no class", review.shared.ingress_class
            yield Finding.of(change.address, "would be of class {}; allowed: {}", *values)
        for backend in ("backend", "default_backend"):
            if items(at(spec, backend)):
                yield Finding.of(change.address, "would serve every other host by a default backend")
        for host in sorted({host for tls in items(at(spec, "tls")) for host in texts(at(tls, "hosts"))} - hosts):
            yield Finding.of(change.address, "would end TLS for {}, which is no host of this environment", host)
        yield from _annotations(review, change)


def _annotations(review: Review, change: ResourceChange) -> Iterator[Finding]:
    annotations = labels_at(change.after, *_ANNOTATIONS)
    if annotations is None:
        yield Finding.of(change.address, "has annotations that cannot be told")
        return
    environment, shared = review.environment, review.shared
    own = own_load_balancer_annotations(aws_tags(environment, shared)) if environment.alb == "own" else {}
    forms = annotation_forms(shared)
    orders = [str(workload.ingress_order) for workload in (environment.web, environment.core_api)]
    exact = {GROUP: [load_balancer_group(environment, shared)], ORDER: orders}
    for key, value in sorted(annotations.items()):
        allowed = exact.get(key, [own[key]] if key in own else None)
        if value is UNKNOWN and key == CERTIFICATE and _is_read(review, change):
            continue
        if key == HOSTNAME:
            foreign = sorted(set(str(value).split(",")) - set(environment.hosts))
            if foreign:
                yield Finding.of(
                    change.address, "would name {}, which is no host of this environment", ", ".join(foreign)
                )
        elif not isinstance(value, str) or not (
            value in allowed if allowed is not None else key in forms and re.fullmatch(forms[key], value)
        ):
            words = "; allowed: " + ", ".join(allowed) if allowed else ""
            yield Finding.of(change.address, "would tell the load balancer {}={}{}", key, value, words)


def _is_read(review: Review, change: ResourceChange) -> bool:
    """Whether the certificate is a plain reference to the one looked up in the account."""
    expression = at(review.declared(change), *_ANNOTATIONS, CERTIFICATE)
    return isinstance(expression, str) and bool(re.fullmatch(r"\$\{data\.aws_acm_certificate\.\w+\.arn\}", expression))


RULES = (
    Rule(
        id="ingress",
        danger="Public exposure by an ingress",
        reason="Environments share the load balancer: one ingress can capture another environment's hosts.",
        blocks=Blocks.ALWAYS,
        find=_find,
    ),
)
