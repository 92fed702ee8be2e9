"""A plan's change as lines of a diff."""

import json
import re
from collections.abc import Iterator, Sequence

from delivery.plan.differences import ABSENT, Difference, differences
from delivery.plan.document import Action, OutputChange, ResourceChange
from delivery.plan.long_values import differing_parts
from delivery.redaction.marks import UNKNOWN
from delivery.redaction.mask import Mask
from delivery.report.markdown import printable, shortened, value

_WORDS = {
    Action.CREATE: "create",
    Action.CHANGE: "change",
    Action.REPLACE: "REPLACE (destroyed and created again)",
    Action.DESTROY: "DESTROY",
    Action.FORGET: "FORGET (stays, but is no longer managed)",
    Action.UNCHANGED: "unchanged",
}
# For a deleted value, its beginning and length are enough; a new value is shown in full.
_LONGEST_GONE = 400
_LONGEST_LINE = 120


def resource_lines(change: ResourceChange, mask: Mask) -> list[str]:
    """The change of one resource: a heading, then one line per value."""
    words = [_WORDS[change.action]]
    if change.imported:
        words.append(f"adopt {change.imported}")
    if change.moved_from:
        words.append(f"moved from {change.moved_from}")
    heading = f"@@ {change.address}: {', '.join(words)} @@"
    return _finished([heading, *_lines(change, differences(change.before, change.after), mask)], mask)


def output_lines(change: OutputChange, mask: Mask) -> list[str]:
    """The change of one output, in the same form as a resource's."""
    changes = differences({"value": change.before}, {"value": change.after})
    lines = [line for difference in changes for line in _difference_lines(difference, mask)]
    return _finished([f"@@ output {change.name}: {_WORDS[change.action]} @@", *lines], mask)


def _finished(lines: list[str], mask: Mask) -> list[str]:
    return [printable(mask.clean(line)) for line in lines]


def _lines(change: ResourceChange, changes: list[Difference], mask: Mask) -> Iterator[str]:
    # A new resource has many attributes that only the service knows: their names share one line.
    is_made = change.action in (Action.CREATE, Action.REPLACE)
    if change.action is not Action.CHANGE:
        # Zero values that a provider fills in are neither lost nor new. A false of a new resource may matter.
        changes = [
            row
            for row in changes
            if not (row.after is ABSENT and row.before in ("", 0)) and not (row.before is ABSENT and row.after == "")
        ]
    if change.type == "kubernetes_manifest":
        changes = _without_answer(changes)
    later = [difference.path for difference in changes if is_made and difference.after is UNKNOWN]
    for difference in changes:
        if forces := _forces_replacement(change, difference):
            later = [path for path in later if path != difference.path]
        if difference.path not in later:
            yield from _difference_lines(difference, mask, remark="  # forces the replacement" if forces else "")
    if later:
        named = dict.fromkeys(_named(change, path) for path in later)
        yield f"{'+' if change.action is Action.CREATE else '!'} (known after apply): {', '.join(named)}"
    if change.action in (Action.CHANGE, Action.REPLACE) and not changes:
        yield "! (nothing that Terraform shows)"


def _forces_replacement(change: ResourceChange, difference: Difference) -> bool:
    return any(
        re.match(rf"{re.escape(path)}(?![A-Za-z0-9_-])", difference.path) for path in change.replace_paths if path
    )


def _named(change: ResourceChange, path: str) -> str:
    """The path of a value that only the server knows, cut to "object" for its possibly long answer to a manifest."""
    return "object" if change.type == "kubernetes_manifest" and path.startswith("object.") else path


def _without_answer(changes: list[Difference]) -> list[Difference]:
    """Without the parts of the server's answer that only repeat the manifest."""
    manifest = [change.path.removeprefix("manifest") for change in changes if change.path.startswith("manifest")]
    return [
        change
        for change in changes
        if not change.path.startswith("object")
        or not any(path.startswith(change.path.removeprefix("object")) for path in manifest)
    ]


def _difference_lines(change: Difference, mask: Mask, *, remark: str = "") -> Iterator[str]:
    # Mask before shortening: the mask would not recognize a part of a secret.
    before, after = (mask.clean(value(side)) for side in (change.before, change.after))
    if change.before is ABSENT:
        yield f"+ {change.path}: {after}{remark}"
        return
    if change.after is ABSENT:
        yield f"- {change.path}: {shortened(before, _LONGEST_GONE)}{remark}"
        return
    sides = change.before, change.after
    if before == after and all(isinstance(side, str | int | float) for side in sides):
        # A number or boolean against the text that spells it.
        before, after = (mask.clean(json.dumps(side)) for side in sides)
    before, after = differing_parts(before, after)
    if len(change.path) + len(before) + len(after) <= _LONGEST_LINE:
        yield f"! {change.path}: {before} → {after}{remark}"
    else:
        yield f"- {change.path}: {before}"
        yield f"+ {change.path}: {after}{remark}"


def block_lines(address: str, differences_: Sequence[Difference], mask: Mask) -> list[str]:
    """The differences of one block of configuration, in the same form."""
    lines = [line for difference in differences_ for line in _difference_lines(difference, mask)]
    return _finished([f"@@ {address} @@", *lines], mask)
