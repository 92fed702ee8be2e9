"""The hash by which a deploy recognizes the reviewed plan."""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping

from delivery.plan.differences import canonical
from delivery.plan.document import Action, Plan
from delivery.plan.stack_content import stack_content
from delivery.redaction.marks import UNKNOWN, Sensitive

_DIGEST = re.compile(r"\(sensitive value [0-9a-f]{16}\)")


def plan_hash(plan: Plan, stack: Mapping[str, object]) -> str:
    """Return ``sha256:`` and 64 hex digits, equal for two plans that would do the same.

    The hash covers each resource and output that changes, the action, and every value before and after, including empty
    objects. It ignores order, when the plan was made, values known only after the apply, and unchanged values, because
    servers increment some of those on their own (a Deployment's resource version). From the stack, its cdk.tf.json, it
    covers ``stack_content``.

    For sensitive values the hash records the keyed digest of a published plan. Without a digest it records only that
    they changed, because guesses could be checked against a public hash.
    """
    content = {
        "resources": sorted(
            json.dumps(
                [
                    change.address,
                    change.action,
                    change.moved_from,
                    change.imported,
                    change.replace_paths,
                    _values(change.before, change.after) if change.after is not None else _identity(change.before),
                ],
                sort_keys=True,
                default=_exact,
            )
            for change in plan.resources
            if change.does_something
        ),
        "outputs": sorted(
            json.dumps([change.name, change.action, _values(change.before, change.after)], default=_exact)
            for change in plan.outputs
            if change.action is not Action.UNCHANGED
        ),
        "stack": stack_content(plan, stack),
    }
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def _values(before: object, after: object) -> list[list[object]]:
    return list(_walk((), before, after))


def _walk(path: tuple[str | int, ...], before: object, after: object) -> Iterator[list[object]]:
    """Each value that differs. Unlike in the diff for people, only null counts as absent."""
    before, after = _structure(before), _structure(after)
    if canonical(before) == canonical(after):
        return
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in sorted(before.keys() | after.keys()):
            yield from _walk((*path, key), before.get(key), after.get(key))
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for index, (left, right) in enumerate(zip(before, after, strict=True)):
            yield from _walk((*path, index), left, right)
    else:
        yield [path, None if after is UNKNOWN else before, after]


def _structure(value: object) -> object:
    """The parsed content of a string of JSON; the string itself if parsing would lose a part of it."""
    if not isinstance(value, str) or value.lstrip()[:1] not in ("{", "["):
        return value
    try:
        return json.loads(value, object_pairs_hook=_without_duplicates)
    except (ValueError, RecursionError):
        return value


def _without_duplicates(pairs: list[tuple[str, object]]) -> dict[str, object]:
    content = dict(pairs)
    if len(content) != len(pairs):
        raise ValueError("a key is there twice")
    return content


def _identity(before: object) -> object:
    """For a deleted resource, only its provider's id."""
    return before.get("id") if isinstance(before, Mapping) else None


def _exact(mark: object) -> object:
    if isinstance(mark, Sensitive):
        is_digest = isinstance(mark.value, str) and _DIGEST.fullmatch(mark.value)
        return {"sensitive": mark.value if is_digest else None}
    return {"mark": str(mark)}
