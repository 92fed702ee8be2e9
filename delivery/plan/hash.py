"""The hash by which a deploy recognises the plan that was reviewed."""

import hashlib
import json

from delivery.plan.differences import differences
from delivery.plan.document import Action, Plan
from delivery.redaction.marks import UNKNOWN, Sensitive


def plan_hash(plan: Plan) -> str:
    """Return ``sha256:`` and 64 hex digits, equal for two plans that would do the same.

    What counts: each resource and output that changes, what is done to it, and every single value that it changes from
    and to. What does not: the order of things, when the plan was made, values that are known only after the apply,
    and what stays as it is, since servers count up a part of that by themselves (a Deployment's resource version). Of a
    sensitive value only that it changes counts, for a hash in public could be tried against guesses.
    """
    content = {
        "resources": sorted(
            [
                change.address,
                change.action,
                change.moved_from,
                change.imported,
                change.replace_paths,
                _values(change.before, change.after) if change.after is not None else _identity(change.before),
            ]
            for change in plan.resources
            if change.does_something
        ),
        "outputs": sorted(
            [change.name, change.action, _values(change.before, change.after)]
            for change in plan.outputs
            if change.action is not Action.UNCHANGED
        ),
    }
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), default=lambda mark: {"mark": str(mark)})
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def _values(before: object, after: object) -> list[list[object]]:
    return [
        [change.path, None if change.after is UNKNOWN else change.before, change.after]
        for change in differences(before, after)
    ]


def _identity(before: object) -> object:
    """Of what goes: its provider's id alone."""
    identity = before.get("id") if isinstance(before, dict) else None
    return None if isinstance(identity, Sensitive) else identity
