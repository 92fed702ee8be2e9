"""The Markdown of a plan comment: what is dangerous can be seen in five seconds, all the rest is folded below."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from delivery.plan.diff import output_lines, resource_lines
from delivery.plan.document import Action, OutputChange, Plan
from delivery.plan.hash import plan_hash
from delivery.policy.overrides import Overrides
from delivery.policy.result import GuardResult, Severity
from delivery.redaction.mask import Mask
from delivery.report.markdown import LIMIT, counted
from delivery.report.sections import Section, fit
from delivery.report.terminal import why_it_failed
from delivery.review.findings import findings, idle_overrides
from delivery.review.header import CommentHeader, PlannedEnvironment

# After what the guard found, the gravest first: a cut takes what matters least.
_ORDER = (Action.DESTROY, Action.REPLACE, Action.FORGET, Action.CHANGE, Action.CREATE, Action.UNCHANGED)
# How many findings of each environment and severity a comment shows that must be cut.
_SHOWN_FINDINGS = (40, 10, 2)
_COLUMNS = (Action.CREATE, Action.CHANGE, Action.REPLACE, Action.DESTROY, Action.UNCHANGED)


@dataclass(frozen=True, kw_only=True)
class Planned:
    """An environment's plan, the stack that was planned, and what the guard says about it."""

    plan: Plan
    stack: Mapping[str, object]
    guard_result: GuardResult

    @property
    def environment(self) -> str:
        """The environment's name."""
        return self.guard_result.environment


@dataclass(frozen=True, kw_only=True)
class Failure:
    """An environment for which no plan could be made; log: what the run printed."""

    environment: str
    log: str


Outcome = Planned | Failure


class CommentTooLongError(ValueError):
    """Even without any detail the comment is longer than GitHub takes."""


def compose(
    outcomes: Sequence[Outcome],
    *,
    commit: str,
    artifact_url: str | None,
    overrides: Overrides,
    mask: Mask,
    run: int | None = None,
    pull_request: int | None = None,
) -> str:
    """Return the comment, at most LIMIT characters.

    commit: 40 hex digits. artifact_url: of the full plans; None where they are not kept. run: the id of the workflow
    run that keeps them. pull_request: its number. Raises CommentTooLongError.
    """
    outcomes = sorted(outcomes, key=_gravity)
    sections = [_section(outcome, mask) for outcome in outcomes]
    environments = _planned_environments(outcomes)
    for shown in (None, *_SHOWN_FINDINGS):
        head = "\n\n".join(
            [
                CommentHeader(
                    commit=commit,
                    cut=shown is not None,
                    pull_request=pull_request,
                    run=run,
                    overrides=tuple(row.digest for row in overrides.allowed),
                    environments=environments,
                ).line,
                _title(outcomes),
                *([_cut_warning(artifact_url)] if shown is not None else []),
                _table(outcomes),
                _source(commit, artifact_url),
                *_findings(outcomes, overrides, mask, shown),
            ]
        )
        details, is_whole = fit(sections, LIMIT - len(head) - len("\n\n"))
        comment = f"{head}\n\n{details}" if details else head
        if len(comment) <= LIMIT and (is_whole or shown is not None):
            return comment
    raise CommentTooLongError(f"the comment has {len(comment)} characters without any detail; allowed: {LIMIT}")


def _planned_environments(outcomes: Sequence[Outcome]) -> dict[str, PlannedEnvironment]:
    return {
        outcome.environment: PlannedEnvironment()
        if isinstance(outcome, Failure)
        else PlannedEnvironment(
            hash=plan_hash(outcome.plan, outcome.stack),
            guard="stopped" if outcome.guard_result.blocking else "passed",
        )
        for outcome in sorted(outcomes, key=lambda outcome: outcome.environment)
    }


def _gravity(outcome: Outcome) -> tuple[bool, bool, bool, str]:
    """Failures first, then what is stopped, then protected environments, then by name."""
    if isinstance(outcome, Failure):
        return False, False, False, outcome.environment
    return True, not outcome.guard_result.blocking, not outcome.guard_result.protected, outcome.environment


def _title(outcomes: Sequence[Outcome]) -> str:
    failed = [outcome.environment for outcome in outcomes if isinstance(outcome, Failure)]
    planned = [outcome for outcome in outcomes if isinstance(outcome, Planned)]
    parts = [
        f"⛔ {counted(len(outcome.guard_result.blocking), 'danger')} in {outcome.environment}, stopped by the guard"
        for outcome in planned
        if outcome.guard_result.blocking
    ]
    if failed:
        parts.append(f"❌ the plan of {' and '.join(failed)} failed")
    if not parts:
        parts.append(_good_news(planned))
    return f"## Plan: {'; '.join(parts)}"


def _good_news(planned: Sequence[Planned]) -> str:
    changes = [change for outcome in planned for change in outcome.plan.resources if change.does_something]
    if any(outcome.guard_result.findings for outcome in planned):
        return "⚠️ nothing is stopped, but read what is named below"
    if changes:
        return f"✅ {counted(len(changes), 'change')}, none dangerous"
    return "✅ only outputs change" if any(_changed_outputs(outcome.plan) for outcome in planned) else "✅ no changes"


def _changed_outputs(plan: Plan) -> list[OutputChange]:
    return [change for change in plan.outputs if change.action is not Action.UNCHANGED]


def _table(outcomes: Sequence[Outcome]) -> str:
    rows = [
        f"| Environment | {' | '.join(action.capitalize() for action in _COLUMNS)} | Verdict |",
        f"| :-- | {' | '.join('--:' for _ in _COLUMNS)} | :-- |",
    ]
    for outcome in outcomes:
        if isinstance(outcome, Failure):
            rows.append(f"| **{outcome.environment}** | {' | '.join('' for _ in _COLUMNS)} | ❌ the plan failed |")
            continue
        counts = Counter(change.action for change in outcome.plan.resources)
        numbers = [_number(counts[action], is_quiet=action is Action.UNCHANGED) for action in _COLUMNS]
        name = f"**{outcome.environment}**{' 🔒 protected' if outcome.guard_result.protected else ''}"
        rows.append(f"| {name} | {' | '.join(numbers)} | {_verdict_cell(outcome)} |")
    return "\n".join(rows)


def _number(count: int, *, is_quiet: bool) -> str:
    return str(count) if is_quiet or not count else f"**{count}**"


def _verdict_cell(outcome: Planned) -> str:
    result, plan = outcome.guard_result, outcome.plan
    adopted = sum(change.imported is not None for change in plan.resources)
    forgotten = sum(change.action is Action.FORGET for change in plan.resources)
    if result.blocking:
        words = [f"⛔ stopped: {counted(len(result.blocking), 'danger')}"]
    elif named := result.of(Severity.WARNING):
        words = [f"⚠️ {counted(len(named), 'danger')} to look at"]
    else:
        does_something = any(change.does_something for change in plan.resources) or _changed_outputs(plan)
        words = ["✅ nothing dangerous" if does_something else "✅ no changes"]
    words += [f"{len(allowed)} allowed below" for allowed in [result.of(Severity.OVERRIDDEN)] if allowed]
    words += [f"adopts {adopted}"] if adopted else []
    words += [f"forgets {forgotten}"] if forgotten else []
    return "; ".join(words)


def _source(commit: str, artifact_url: str | None) -> str:
    plans = f" · [full plans]({artifact_url})" if artifact_url else ""
    return f"<sub>Planned from {commit}{plans}</sub>"


def _cut_warning(artifact_url: str | None) -> str:
    where = f"[full plans]({artifact_url})" if artifact_url else "full plans of the workflow run"
    return (
        "> [!CAUTION]\n> **Do not approve from this comment: it is cut.** GitHub takes no longer one. "
        f"Read the {where} instead."
    )


def _findings(outcomes: Sequence[Outcome], overrides: Overrides, mask: Mask, shown: int | None) -> Iterator[str]:
    results = [outcome.guard_result for outcome in outcomes if isinstance(outcome, Planned)]
    for result in results:
        yield from findings(result, mask, shown)
    yield from idle_overrides(results, overrides, shown)


def _section(outcome: Outcome, mask: Mask) -> Section:
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
    outputs = _changed_outputs(outcome.plan)
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
