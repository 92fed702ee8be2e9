"""The comment that says why a deploy stopped: what it would do, against what was reviewed."""

import difflib
import re
from collections.abc import Iterator, Mapping

from delivery.plan.diff import output_lines, resource_lines
from delivery.plan.document import Action, Plan
from delivery.policy.overrides import Override
from delivery.redaction.mask import Mask
from delivery.report.markdown import LIMIT, block, code
from delivery.report.sections import Section, fit

RULE = "reviewed-plan"
_HEADER = re.compile(r"<!-- mosaic-deploy ([a-z0-9-]+) -->")


def header(environment: str) -> str:
    """The hidden first line of such a comment."""
    return f"<!-- mosaic-deploy {environment} -->"


def is_about(environment: str, text: str) -> bool:
    """The text is such a comment's, about this environment."""
    match = _HEADER.match(text)
    return match is not None and match[1] == environment


def explain(environment: str, *, why: str, hash_: str, fresh: Plan, reviewed: Plan | None, run_url: str) -> str:
    """Return the comment, at most LIMIT characters.

    why: what kept the plan from being applied. hash_: of the fresh plan. reviewed: None where it cannot be had; then
    the whole fresh plan is shown.
    """
    mask = Mask(fresh.secrets | (reviewed.secrets if reviewed else frozenset()))
    # Without its reason the line allows nothing.
    override = Override(rule=RULE, environment=environment, address=hash_, reason="")
    what = (
        "`-` was reviewed and would not be done, `+` would be done and was not reviewed."
        if reviewed
        else "The reviewed plan is not kept, so this is all that the deploy would do."
    )
    head = "\n\n".join(
        [
            header(environment),
            f"## ⛔ {environment} was not deployed: its plan is not the reviewed one",
            f"Nothing was changed. Why: {code(why)}. [Workflow run]({run_url})",
            f"Most often somebody else deployed or changed {environment} meanwhile: look at what differs, and open a "
            "pull request whose plan shows it. If it cannot wait and is meant, add this line with its reason to this "
            "pull request's description and run the failed job again; it allows this one plan:",
            block(override.line.rstrip()),
            what,
        ]
    )
    blocks = list(_changes(fresh, mask) if reviewed is None else _differences(reviewed, fresh, mask))
    section = Section(summary=f"<b>{environment}</b>", is_open=True, language="diff", blocks=blocks)
    details, _ = fit([section], LIMIT - len(head) - len("\n\n"))
    return f"{head}\n\n{details}" if details else head


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
            yield "\n".join(line for line in difflib.ndiff(left, right) if not line.startswith("?"))
