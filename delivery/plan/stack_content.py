"""The parts of a stack that determine what an apply of its plan does."""

from collections.abc import Mapping

from delivery.plan.document import Plan
from delivery.redaction.mask import PLACEHOLDER

# cdktf notes here which construct a block comes from; Terraform's JSON treats it as a comment.
_METADATA = "//"
# The number of labels before a block's body, for the block types to which cdktf adds metadata.
_LABELS = {"provider": 1, "variable": 1, "output": 1, "module": 1, "data": 2, "ephemeral": 2, "resource": 2}


def stack_content(plan: Plan, stack: Mapping[str, object]) -> dict[str, object]:
    """Return every block that is not a resource, and the body of each resource that the plan changes.

    A plan shows only the values of these bodies: neither the expression behind an unknown value nor a provisioner. The
    body of an unchanged resource has no effect; a pull request merged in the meantime may have changed it. cdktf's own
    metadata does not count.
    """
    content = {kind: _bodies(block, _LABELS.get(kind)) for kind, block in stack.items() if kind != _METADATA}
    resources = content.get("resource")
    # Any other form of Terraform's JSON than cdktf's is included whole.
    if isinstance(resources, dict):
        changed = {type_: _changed(plan, type_, bodies) for type_, bodies in resources.items()}
        content["resource"] = {type_: bodies for type_, bodies in changed.items() if bodies}
    return content


def _bodies(block: object, labels: int | None) -> object:
    """The block, or all blocks of its type, without metadata directly in a body; deeper it is a normal key."""
    if labels is None:
        return block
    if isinstance(block, list):
        return [_bodies(item, labels) for item in block]
    if not isinstance(block, dict):
        return block
    if labels == 0:
        return {key: value for key, value in block.items() if key != _METADATA}
    return {key: _bodies(value, labels - 1) for key, value in block.items()}


def _changed(plan: Plan, type_: str, bodies: object) -> object:
    names = {row.name for row in plan.resources if row.type == type_ and row.does_something}
    is_one_hidden = any(PLACEHOLDER.rstrip(")") in name for name in names)
    if not isinstance(bodies, dict) or is_one_hidden:
        return bodies if names or not isinstance(bodies, dict) else {}
    return {name: body for name, body in bodies.items() if name in names}
