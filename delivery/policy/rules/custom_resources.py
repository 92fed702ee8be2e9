"""Only the custom resources in the environment's stack are allowed, with exactly the content that the stack writes.

The API server rejects many of the same violations (modules/model/admission/secrets.py).
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from delivery.plan.document import ResourceChange
from delivery.policy.rules.rule import Blocks, Finding, Review, Rule, at, items
from delivery.redaction.marks import UNKNOWN
from modules.model.argocd_application import API_VERSION, KIND, argocd_application
from modules.model.helm_values import account_values
from modules.model.secrets import ApplicationSecrets

_EXTERNAL_SECRETS = "external-secrets.io/v1"
_STORE = "SecretStore"
_EXPRESSION = re.compile(r"\$\{[^{}]*\}")
_KEYS: Mapping[str, frozenset[str]] = {
    "spec": frozenset({"refreshInterval", "secretStoreRef", "target", "data"}),
    "spec.secretStoreRef": frozenset({"kind", "name"}),
    "spec.target": frozenset({"name", "creationPolicy", "deletionPolicy", "template"}),
    "spec.target.template": frozenset({"engineVersion", "mergePolicy", "data"}),
    "spec.data": frozenset({"secretKey", "remoteRef"}),
    "spec.data.remoteRef": frozenset({"key", "property", "conversionStrategy", "decodingStrategy", "metadataPolicy"}),
}


def _find(review: Review) -> Iterator[Finding]:
    for change in review.changes("kubernetes_manifest"):
        if change.after is None:
            continue
        manifest = at(change.after, "manifest")
        kind = at(manifest, "apiVersion"), at(manifest, "kind")
        if kind == (_EXTERNAL_SECRETS, "ExternalSecret"):
            yield from _external_secret(review, change)
        elif kind == (_EXTERNAL_SECRETS, _STORE):
            yield from _store(review, change)
        elif kind == (API_VERSION, KIND):
            yield from _application(review, change)
        else:
            yield Finding.of(change.address, "is a {} of {}: no environment has one", kind[1], kind[0])


def _external_secret(review: Review, change: ResourceChange) -> Iterator[Finding]:
    spec = at(change.after, "manifest", "spec")
    for place, keys in _KEYS.items():
        for part in _parts({"spec": spec}, place):
            if not isinstance(part, Mapping):
                yield Finding.of(change.address, "has a {} that cannot be told", place)
                continue
            for key in sorted(part.keys() - keys):
                yield Finding.of(change.address, "has {}.{}; allowed: {}", place, key, ", ".join(sorted(keys)))
    store = at(spec, "secretStoreRef", "kind"), at(spec, "secretStoreRef", "name")
    if store != (_STORE, review.names.secret_store):
        values = *store, f"{_STORE} {review.names.secret_store}"
        yield Finding.of(change.address, "would read from {} {}; allowed: {}", *values)
    secrets = ApplicationSecrets.of(review.environment, review.shared, review.names).all
    paths = {secret.path for secret in secrets}
    found = {str(at(entry, "remoteRef", "key")) for entry in items(at(spec, "data"))}
    for path in sorted(found - paths):
        yield Finding.of(change.address, "would copy {}; allowed: {}", path, ", ".join(sorted(paths)))
    name = at(change.after, "manifest", "metadata", "name")
    written = {name, at(spec, "target", "name") or name}
    for other in sorted(map(str, written - {secret.name for secret in secrets})):
        yield Finding.of(change.address, "would write the Secret {}, which no pod of the environment reads", other)


def _parts(tree: object, place: str) -> list[object]:
    parts = [tree]
    for step in place.split("."):
        parts = [item for part in parts for item in items(at(part, step))]
    return parts


def _store(review: Review, change: ResourceChange) -> Iterator[Finding]:
    names = review.names
    provider = {
        "aws": {
            "service": "SecretsManager",
            "region": review.shared.region,
            "auth": {"jwt": {"serviceAccountRef": {"name": names.secret_store_account}}},
        }
    }
    if at(change.after, "manifest", "metadata", "name") != names.secret_store:
        yield Finding.of(change.address, "would be a second store; allowed: {}", names.secret_store)
    for path, _ in _unlike({"provider": provider}, at(change.after, "manifest", "spec"), "spec"):
        yield Finding.of(change.address, "would read as somebody else: {} is not what the stack writes", path)


def _application(review: Review, change: ResourceChange) -> Iterator[Finding]:
    expected: dict[str, Any] = argocd_application(review.environment, review.shared, review.names)
    values = at(change.after, "manifest", "spec", "sources", 0, "helm", "values")
    # Labels mean nothing to Argo CD; the values are compared below.
    expected["metadata"]["labels"] = at(change.after, "manifest", "metadata", "labels")
    expected["spec"]["sources"][0]["helm"]["values"] = values
    for path, given in _unlike(expected, at(change.after, "manifest"), ""):
        yield Finding.of(change.address, "would differ from what the stack writes: {} is {}", path, given)
    if not _has_own_values(review, change, values):
        yield Finding.of(change.address, "would give the chart values that the stack does not write")


def _has_own_values(review: Review, change: ResourceChange, values: object) -> bool:
    """Whether the values have the account values' structure, whatever their content."""
    if values is UNKNOWN:
        values = at(review.declared(change), "manifest", "spec", "sources", 0, "helm", "values")
    if not isinstance(values, str):
        return False
    secrets = ApplicationSecrets.of(review.environment, review.shared, review.names)
    own = account_values(
        certificate_arn="", version_ids={secret.annotation: "" for secret in secrets.generated if secret.annotation}
    )
    try:
        return _shape(json.loads(_EXPRESSION.sub("", values))) == _shape(own)
    except ValueError:
        return False


def _shape(tree: object) -> object:
    if isinstance(tree, Mapping):
        return {key: _shape(value) for key, value in tree.items()}
    return [_shape(item) for item in tree] if isinstance(tree, list) else type(tree)


def _unlike(expected: object, given: object, path: str) -> Iterator[tuple[str, object]]:
    """Where a tree differs from the expected one, and the value there."""
    if isinstance(expected, Mapping) and isinstance(given, Mapping):
        for key in (*expected, *(key for key in given if key not in expected)):
            inner = f"{path}.{key}".lstrip(".")
            if key in expected and key in given:
                yield from _unlike(expected[key], given[key], inner)
            else:
                yield inner, given.get(key, "missing")
    elif isinstance(expected, list) and isinstance(given, list) and len(expected) == len(given):
        for index, pair in enumerate(zip(expected, given, strict=True)):
            yield from _unlike(*pair, f"{path}[{index}]")
    elif type(expected) is not type(given) or expected != given:
        yield path, given


RULES = (
    Rule(
        id="custom-resources",
        danger="Outside secrets or programs come in",
        reason="Operators act on a namespace's custom resources with more permissions than the namespace has.",
        blocks=Blocks.ALWAYS,
        find=_find,
    ),
)
