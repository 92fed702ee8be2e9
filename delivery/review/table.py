"""The table of a plan comment: what happens in each environment, and the guard's verdict."""

from collections import Counter
from collections.abc import Sequence

from delivery.plan.document import Action, OutputChange, Plan
from delivery.policy.result import Severity
from delivery.report.markdown import counted
from delivery.review.outcome import Failure, Outcome, Planned, Unplanned

_COLUMNS = (Action.CREATE, Action.CHANGE, Action.REPLACE, Action.DESTROY, Action.UNCHANGED)


def changed_outputs(plan: Plan) -> list[OutputChange]:
    """The outputs that change."""
    return [change for change in plan.outputs if change.action is not Action.UNCHANGED]


def table(outcomes: Sequence[Outcome]) -> str:
    """The Markdown of the table, one row for each environment in this order."""
    rows = [
        f"| Environment | {' | '.join(action.capitalize() for action in _COLUMNS)} | Verdict |",
        f"| :-- | {' | '.join('--:' for _ in _COLUMNS)} | :-- |",
    ]
    for outcome in outcomes:
        if isinstance(outcome, Failure):
            rows.append(_without_numbers(outcome.environment, "❌ the plan failed"))
            continue
        if isinstance(outcome, Unplanned):
            rows.append(_without_numbers(outcome.environment, _verdict_of_unplanned(outcome)))
            continue
        counts = Counter(change.action for change in outcome.plan.resources)
        numbers = [_number(counts[action], is_quiet=action is Action.UNCHANGED) for action in _COLUMNS]
        name = f"**{outcome.environment}**{' 🔒 protected' if outcome.guard_result.protected else ''}"
        rows.append(f"| {name} | {' | '.join(numbers)} | {_verdict_cell(outcome)} |")
    return "\n".join(rows)


def _without_numbers(environment: str, verdict: str) -> str:
    return f"| **{environment}** | {' | '.join('' for _ in _COLUMNS)} | {verdict} |"


def _verdict_of_unplanned(outcome: Unplanned) -> str:
    result = outcome.guard_result
    if result.blocking:
        return f"⛔ not planned, stopped: {counted(len(result.blocking), 'finding')}"
    return f"⚠️ not planned; {counted(len(result.of(Severity.OVERRIDDEN)), 'finding')} allowed below"


def _number(count: int, *, is_quiet: bool) -> str:
    return str(count) if is_quiet or not count else f"**{count}**"


def _verdict_cell(outcome: Planned) -> str:
    result, plan = outcome.guard_result, outcome.plan
    adopted = sum(change.imported is not None for change in plan.resources)
    forgotten = sum(change.action is Action.FORGET for change in plan.resources)
    if result.blocking:
        words = [f"⛔ stopped: {counted(len(result.blocking), 'finding')}"]
    elif named := result.of(Severity.WARNING):
        words = [f"⚠️ {counted(len(named), 'finding')} to look at"]
    else:
        does_something = any(change.does_something for change in plan.resources) or changed_outputs(plan)
        words = ["✅ nothing dangerous" if does_something else "✅ no changes"]
    words += [f"{len(allowed)} allowed below" for allowed in [result.of(Severity.OVERRIDDEN)] if allowed]
    words += [f"adopts {adopted}"] if adopted else []
    words += [f"forgets {forgotten}"] if forgotten else []
    return "; ".join(words)
