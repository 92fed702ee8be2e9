"""Finds actions of a plan that its stack does not explain: what is created, deleted, moved or imported, and by whom."""

from collections.abc import Iterator

from delivery.plan.differences import canonical
from delivery.plan.document import Action, ResourceChange
from delivery.policy.explanation.evaluation import Unexplained, evaluate
from delivery.policy.explanation.stack import Stack
from delivery.policy.rules.rule import Finding, at
from delivery.redaction.marks import UNKNOWN

# Terraform's reasons for a replacement that no attribute forces: a tainted object, or the stack's replace_triggered_by.
_TAINTED = "replace_because_tainted"
_TRIGGERED = "replace_by_triggers"
# Which sides a row has for each action: before, after.
_SIDES = {
    Action.CREATE: (False, True),
    Action.CHANGE: (True, True),
    Action.REPLACE: (True, True),
    Action.DESTROY: (True, False),
    Action.FORGET: (True, False),
    Action.UNCHANGED: (True, True),
}


def unexplained_actions(changes: tuple[ResourceChange, ...], stack: Stack) -> Iterator[Finding]:
    """Every row of a plan whose action or address the stack does not explain, and every address without a row."""
    for change in changes:
        yield from _address(change, stack)
        yield from _action(change, stack)
        yield from _import(change, stack)
        yield from _move(change, stack)
    planned = {(f"{row.type}.{row.name}", row.index) for row in changes if row.after is not None and not row.deposed}
    for address, body in stack.resources.items():
        found = stack.instances(body)
        for index in found if isinstance(found, dict) else ():
            if (address, index) not in planned:
                yield Finding.of(instance(address, index), "is in the stack, but not in the plan")


def instance(address: str, index: str | int | None) -> str:
    """The address of one instance in Terraform's notation."""
    if index is None:
        return address
    return f'{address}["{index}"]' if isinstance(index, str) else f"{address}[{index}]"


def _address(change: ResourceChange, stack: Stack) -> Iterator[Finding]:
    base = f"{change.type}.{change.name}"
    body = stack.resources.get(base)
    # A row may hide that it is an instance, part of a module or a deposed object; its address then does not match.
    if change.module is not None or change.address.startswith("module."):
        yield Finding.of(change.address, "is of a module; allowed: what the stack itself configures")
    elif change.deposed is not None:
        yield Finding.of(
            change.address, "is an object that a failed replacement left, which the stack does not mention"
        )
    elif change.address != instance(base, change.index):
        yield Finding.of(change.address, "is not the address of {}", instance(base, change.index))
    allowed = stack.provider_of(change.type)
    if change.provider != allowed:
        yield Finding.of(change.address, "is of the provider {}; the stack has it of {}", change.provider, allowed)
    if body is None or change.module or change.deposed:
        if change.after is not None and not change.module and not change.deposed:
            yield Finding.of(change.address, "is in the plan, but not in the stack")
        return
    if "provider" in body:
        yield Finding.of(change.address, "is of the provider {}; allowed: the one of its type", body["provider"])
    found = stack.instances(body)
    if not isinstance(found, dict):
        reason = found.text if isinstance(found, Unexplained) else found
        yield Finding.of(change.address, "is one of as many as {} says", reason)
    elif change.index not in found and change.after is not None:
        yield Finding.of(change.address, "is an instance that the stack does not have")
    elif change.index in found and change.after is None:
        yield Finding.of(change.address, "would be gone, but the stack has it")


def _action(change: ResourceChange, stack: Stack) -> Iterator[Finding]:
    has_before, has_after = change.before is not None, change.after is not None
    if (has_before, has_after) != _SIDES[change.action]:
        yield Finding.of(
            change.address, "is planned as {}, which is not what it has before and after", change.action.value
        )
    if change.action is Action.UNCHANGED and canonical(change.before) != canonical(change.after):
        yield Finding.of(change.address, "is planned as unchanged, but differs from today's")
    forgotten = [
        row for row in stack.blocks("removed") if row.get("from") in (change.address, f"{change.type}.{change.name}")
    ]
    is_kept = any(at(_one(row.get("lifecycle")), "destroy") is False for row in forgotten)
    if change.action is Action.FORGET and not is_kept:
        yield Finding.of(change.address, "would no longer be managed, without a `removed` block that says so")
    if change.action is Action.DESTROY and is_kept:
        yield Finding.of(change.address, "would be destroyed, where the stack says that it stays and is forgotten")
    if change.action is Action.REPLACE:
        yield from _replacement(change, stack)


def _replacement(change: ResourceChange, stack: Stack) -> Iterator[Finding]:
    differing = [
        path
        for path in change.replace_paths
        if _may_differ(at_names(change.before, path), at_names(change.after, path))
    ]
    triggers = at(
        _one(stack.resources.get(f"{change.type}.{change.name}", {}).get("lifecycle")), "replace_triggered_by"
    )
    for path in sorted({*change.replace_paths} - {*differing}):
        yield Finding.of(change.address, "would be replaced because of {}, which does not change", path)
    if not change.replace_paths and not (
        change.reason == _TAINTED or (change.reason == _TRIGGERED and isinstance(triggers, list) and triggers)
    ):
        yield Finding.of(change.address, "would be replaced without a reason that stack or state give")


def _may_differ(before: list[object], after: list[object]) -> bool:
    return any(_is_unknown(value) for value in after) or canonical(before) != canonical(after)


def _is_unknown(tree: object) -> bool:
    rows = tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list) else ()
    return tree is UNKNOWN or any(map(_is_unknown, rows))


def at_names(tree: object, path: str) -> list[object]:
    """Every value at a path without list positions."""
    found = [tree]
    for step in path.split("."):
        rows = [item for row in found for item in (row if isinstance(row, list) else [row])]
        found = [row.get(step) if isinstance(row, dict) else row for row in rows]
    return found


def _import(change: ResourceChange, stack: Stack) -> Iterator[Finding]:
    if change.imported is None:
        return
    ids = [evaluate(row.get("id"), stack.known) for row in stack.blocks("import") if row.get("to") == change.address]
    if change.imported not in ids:
        allowed = ", ".join(map(str, ids)) or "none"
        yield Finding.of(change.address, "would take over {}; the stack imports {}", change.imported, allowed)


def _move(change: ResourceChange, stack: Stack) -> Iterator[Finding]:
    moves = [(row.get("from"), row.get("to")) for row in stack.blocks("moved")]
    if change.moved_from is not None and (change.moved_from, change.address) not in moves:
        yield Finding.of(change.address, "would be what {} is today, without a `moved` block", change.moved_from)


def _one(block: object) -> object:
    return block[0] if isinstance(block, list) and block else block
