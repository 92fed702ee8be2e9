"""Finds provider settings in a plan that do not follow from its stack."""

from collections.abc import Iterator, Mapping

from delivery.policy.explanation.stack import BUILT_IN, Stack, full_name
from delivery.policy.rules.rule import Finding, at

_META_ARGUMENTS = ("alias", "version")
# Terraform's own provider, which takes no arguments.
_BUILT_IN = ({"name": "terraform", "full_name": BUILT_IN["terraform"]},)


def unexplained_providers(providers: Mapping[str, Mapping[str, object]], stack: Stack) -> Iterator[Finding]:
    """Every provider and argument in a plan's configuration that differs from the stack."""
    configured = stack.providers
    providers = {name: provider for name, provider in providers.items() if provider not in _BUILT_IN}
    for name in sorted({*providers} - {*configured}):
        yield Finding.of(f"provider.{name}", "is in the plan, but not in the stack")
    for name in sorted({*configured} - {*providers}):
        yield Finding.of(f"provider.{name}", "is in the stack, but not in the plan")
    for name in sorted({*configured} & {*providers}):
        provider, body = providers[name], configured[name]
        yield from _identity(name, provider, stack)
        arguments = {key: value for key, value in body.items() if key not in _META_ARGUMENTS}
        for path, found, wanted in _differences(provider.get("expressions", {}), arguments, ""):
            yield Finding.of(f"provider.{name}", "has {} {}; the stack says {}", path, found, wanted)


def _identity(name: str, provider: Mapping[str, object], stack: Stack) -> Iterator[Finding]:
    local, _, alias = name.partition(".")
    required = at(stack.document, "terraform", "required_providers", local)
    source = at(required, "source")
    expected = {
        "name": local,
        "alias": alias or None,
        "module_address": None,
        "full_name": full_name(source) if isinstance(source, str) else None,
        "version_constraint": at(required, "version"),
    }
    for key, wanted in expected.items():
        if provider.get(key) != wanted:
            yield Finding.of(f"provider.{name}", "has {} {}; the stack says {}", key, provider.get(key), wanted)


def _differences(node: object, body: object, path: str) -> Iterator[tuple[str, object, object]]:
    """Each path at which the plan's expressions differ from the stack."""
    if isinstance(node, Mapping) and ("constant_value" in node or "references" in node):
        if node.get("constant_value") != body:
            yield path, node.get("constant_value"), body
    elif isinstance(node, Mapping):
        given = body[0] if isinstance(body, list) and len(body) == 1 else body
        if not isinstance(given, Mapping):
            yield path, sorted(node), given
            return
        for key in sorted({*node, *given}):
            yield from _differences(node.get(key), given.get(key), f"{path}.{key}" if path else key)
    elif isinstance(node, list):
        rows = body if isinstance(body, list) else [body]
        if len(rows) != len(node):
            yield path, len(node), len(rows)
            return
        for item, row in zip(node, rows, strict=True):
            yield from _differences(item, row, path)
    elif node != body:
        yield path, node, body
