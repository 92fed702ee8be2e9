"""Imports Kubernetes objects into the state unchanged, so that a reviewed deploy makes every change.

In a copy of the stack's configuration the objects have no dependencies and ignore every difference. An import with the
stack's own configuration would also update them, and everything they depend on.
"""

import json
from collections.abc import Mapping
from typing import Any

from delivery.recovery.error import RecoveryError
from delivery.recovery.importing import planned_changes, workplace
from delivery.recovery.inventory import Inventory
from delivery.recovery.stack import Body, Stack
from delivery.report.private_file import write_private
from delivery.terraform.cdktf import WAIT_FOR_LOCK
from delivery.terraform.stack_json import FILE

_PLAN = "import.plan"
_MANIFEST = "kubernetes_manifest"
_PLACEHOLDER = "imported"
_HARMLESS = ("import", "noop", "update")


def import_unchanged(stack: Stack, inventory: Inventory, *, namespace: str) -> None:
    """Import the inventory's Kubernetes objects. namespace: replaces a reference in the configuration.

    Raises RecoveryError if the import would do anything else; then nothing is imported.
    """
    if not inventory.imports:
        return
    with workplace(stack) as terraform:
        content = configuration(stack.content, inventory, namespace=namespace)
        write_private(terraform.folder / FILE, json.dumps(content))
        for address in inventory.forgotten:
            terraform.run("state", "rm", WAIT_FOR_LOCK, address)
        targets = [f"-target={address}" for address in inventory.imports]
        planned = terraform.run("plan", "-input=false", "-json", WAIT_FOR_LOCK, f"-out={_PLAN}", *targets)
        unwanted = [
            f"{change['action']} {change['resource']['addr']}"
            for change in planned_changes(planned)
            if change["action"] not in _HARMLESS or change["resource"]["addr"] not in inventory.imports
        ]
        if unwanted:
            raise RecoveryError(f"the import would also {', '.join(unwanted)}; nothing was imported")
        terraform.run("apply", "-input=false", "-json", WAIT_FOR_LOCK, _PLAN)


def configuration(content: Mapping[str, Any], inventory: Inventory, *, namespace: str) -> Mapping[str, Any]:
    """Change the stack's configuration so that it imports the inventory's objects and does nothing else."""
    resources = {type_: dict(bodies) for type_, bodies in content["resource"].items()}
    for address in inventory.imports:
        type_, _, name = address.partition(".")
        body = resources[type_][name]
        resources[type_][name] = _identity(body, namespace) if type_ == _MANIFEST else _detached(body, namespace)
    blocks = [{"to": address, "id": found.id} for address, found in inventory.imports.items()]
    return {**content, "resource": resources, "import": blocks}


def _identity(body: Body, namespace: str) -> Body:
    """A manifest that identifies the object and owns none of its fields: on import the provider has no manifest."""
    manifest = body["manifest"]
    return {
        "manifest": {
            "apiVersion": manifest["apiVersion"],
            "kind": manifest["kind"],
            "metadata": {"name": manifest["metadata"]["name"], "namespace": namespace},
        }
    }


def _detached(body: Body, namespace: str) -> Body:
    own = {key: value for key, value in body.items() if key not in ("depends_on", "lifecycle")}
    metadata = {**own["metadata"], "namespace": namespace}
    return {
        **_without_references(own),
        "metadata": _without_references(metadata),
        "lifecycle": {"ignore_changes": "all"},
    }


def _without_references(tree: Any) -> Any:  # noqa: ANN401 any part of a configuration
    """The tree with a placeholder for each expression: differences are ignored, but values must be valid."""
    if isinstance(tree, Mapping):
        return {key: _without_references(value) for key, value in tree.items()}
    if isinstance(tree, list):
        return [_without_references(value) for value in tree]
    return _PLACEHOLDER if isinstance(tree, str) and "${" in tree else tree
