"""The folded part of a plan comment for one environment: its changes as a diff, or why there is no plan."""

from collections import Counter

from delivery.plan.diff import output_lines, resource_lines
from delivery.plan.document import Action
from delivery.redaction.mask import Mask
from delivery.report.markdown import counted
from delivery.report.sections import Section
from delivery.report.terminal import why_it_failed
from delivery.review.outcome import Failure, Planned
from delivery.review.table import changed_outputs

# Sorted after the guard's findings, most severe first: a cut drops what matters least.
_ORDER = (Action.DESTROY, Action.REPLACE, Action.FORGET, Action.CHANGE, Action.CREATE, Action.UNCHANGED)


def details(outcome: Planned | Failure, mask: Mask) -> Section:
    """The fold of an environment with a plan or a failed plan."""
    if isinstance(outcome, Failure):
        return Section(
            summary=f"<b>{outcome.environment}</b>: why the plan failed",
            is_open=True,
            language="",
            blocks=[why_it_failed(mask.clean_log(outcome.log))],
        )
    dangerous = {row.finding.address for row in outcome.guard_result.findings}
    changes = sorted(
        (change for change in outcome.plan.resources if change.does_something),
        key=lambda change: (change.address not in dangerous, _ORDER.index(change.action), change.address),
    )
    blocks = ["\n".join(resource_lines(change, mask)) for change in changes]
    outputs = changed_outputs(outcome.plan)
    blocks += ["\n".join(output_lines(change, mask)) for change in outputs]
    counts = Counter(change.action for change in changes)
    parts = [
        f"{counts[action]} to {'adopt or move' if action is Action.UNCHANGED else action}"
        for action in _ORDER
        if counts[action]
    ]
    parts += [counted(len(outputs), "output")] if outputs else []
    return Section(
        summary=f"<b>{outcome.environment}</b>: {', '.join(parts)}",
        is_open=False,
        language="diff",
        blocks=blocks,
    )
