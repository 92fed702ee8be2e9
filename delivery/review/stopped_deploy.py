"""The comment that says why a deploy stopped: its plan compared with the reviewed one."""

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence

from delivery.plan.diff import output_lines, resource_lines
from delivery.plan.document import Action, Plan
from delivery.policy.overrides import Override
from delivery.redaction.mask import Mask
from delivery.report.markdown import LIMIT, block, code, printable
from delivery.report.sections import Section, fit

_LINES = 40
_HEADER = re.compile(r"<!-- mosaic-deploy ([a-z0-9-]+) -->")


def header(environment: str) -> str:
    """The hidden first line of such a comment."""
    return f"<!-- mosaic-deploy {environment} -->"


def is_about(environment: str, text: str) -> bool:
    """Whether the text is such a comment about this environment."""
    match = _HEADER.match(text)
    return match is not None and match[1] == environment


def explain(
    environment: str,
    *,
    why: str,
    allowing: Sequence[Override],
    fresh: Plan,
    reviewed: Plan | None,
    run_url: str,
) -> str:
    """Return the comment, at most LIMIT characters.

    why: what kept the plan from being applied. allowing: the lines that would allow it, without their reasons; empty if
    none would. reviewed: None if it is not available; then the whole fresh plan is shown.
    """
    mask = Mask(fresh.secrets | (reviewed.secrets if reviewed else frozenset()))
    what = (
        "`-` was reviewed and would not be done, `+` would be done and was not reviewed."
        if reviewed
        else "The reviewed plan was not kept, so this is everything that the deploy would do."
    )
    head = "\n\n".join(
        [
            header(environment),
            f"## ⛔ {environment} was not deployed",
            f"Nothing was changed. Why: {code(why)}. [Workflow run]({run_url})",
            *_advice(environment, allowing, mask),
            what,
        ]
    )
    blocks = list(_changes(fresh, mask) if reviewed is None else _differences(reviewed, fresh, mask))
    section = Section(summary=f"<b>{environment}</b>", is_open=True, language="diff", blocks=blocks)
    details, _ = fit([section], LIMIT - len(head) - len("\n\n"))
    return f"{head}\n\n{details}" if details else head


def _advice(environment: str, allowing: Sequence[Override], mask: Mask) -> Iterator[str]:
    if not allowing:
        return
    lines = [printable(mask.clean(row.line)).rstrip() for row in allowing[:_LINES]]
    more = [f"and {len(allowing) - _LINES} more"] if len(allowing) > _LINES else []
    yield (
        f"Usually somebody else has deployed or changed {environment} meanwhile: look at the differences and open a "
        "pull request whose plan shows them. If it is intended and cannot wait, add the following to this pull "
        "request's description, each line with its reason, and rerun the failed job twice: the first run shows the "
        "lines in a comment, the second accepts them."
    )
    yield block("\n".join([*lines, *more]))


def _lines(plan: Plan, mask: Mask) -> Mapping[str, list[str]]:
    changes = {row.address: resource_lines(row, mask) for row in plan.resources if row.does_something}
    outputs = {
        f"output {row.name}": output_lines(row, mask) for row in plan.outputs if row.action is not Action.UNCHANGED
    }
    return {**changes, **outputs}


def _changes(plan: Plan, mask: Mask) -> Iterator[str]:
    for lines in _lines(plan, mask).values():
        yield "\n".join(lines)


def _differences(reviewed: Plan, fresh: Plan, mask: Mask) -> Iterator[str]:
    before, after = _lines(reviewed, mask), _lines(fresh, mask)
    for address in sorted({*before, *after}):
        left, right = before.get(address, []), after.get(address, [])
        if left != right:
            yield "\n".join(_compared(left, right))


def _compared(left: Sequence[str], right: Sequence[str]) -> Iterator[str]:
    """Compare whole lines only: comparing long lines by characters would take minutes."""
    matcher = difflib.SequenceMatcher(a=left, b=right, autojunk=False)
    for operation, begin, end, other_begin, other_end in matcher.get_opcodes():
        if operation == "equal":
            yield from (f"  {line}" for line in left[begin:end])
        else:
            yield from (f"- {line}" for line in left[begin:end])
            yield from (f"+ {line}" for line in right[other_begin:other_end])
