"""Writes a plan comment in Markdown: the outcome at a glance, then its explanation; the rest is folded."""

from collections.abc import Iterator, Sequence

from delivery.plan.hash import plan_hash
from delivery.policy.overrides import Overrides
from delivery.redaction.mask import Mask
from delivery.report.markdown import LIMIT, counted
from delivery.report.sections import fit
from delivery.review.details import details
from delivery.review.explanation import Explanation, code_sections, explained
from delivery.review.findings import findings, idle_overrides
from delivery.review.header import CommentHeader, PlannedEnvironment
from delivery.review.outcome import Failure, Judged, Outcome, Planned
from delivery.review.table import changed_outputs, table

# How many findings of each environment and severity a comment shows if it must be cut.
_SHOWN_FINDINGS = (40, 10, 2)


class CommentTooLongError(ValueError):
    """Even without any details the comment is longer than GitHub accepts."""


def compose(
    outcomes: Sequence[Outcome],
    *,
    commit: str,
    artifact_url: str | None,
    overrides: Overrides,
    mask: Mask,
    run: int | None = None,
    pull_request: int | None = None,
    explanations: Sequence[Explanation] = (),
) -> str:
    """Return the comment, at most LIMIT characters.

    commit: 40 hex digits. artifact_url: of the full plans; None if they are not kept. run: the id of the workflow run
    that keeps them. pull_request: its number. explanations: of a proposal's stacks. Raises CommentTooLongError.
    """
    outcomes = sorted(outcomes, key=_gravity)
    sections = [details(outcome, mask) for outcome in outcomes if isinstance(outcome, Planned | Failure)]
    sections += code_sections(explanations, mask)
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
                table(outcomes),
                _source(commit, artifact_url),
                *explained(explanations, mask),
                *_findings(outcomes, overrides, mask, shown),
            ]
        )
        folds, is_whole = fit(sections, LIMIT - len(head) - len("\n\n"))
        comment = f"{head}\n\n{folds}" if folds else head
        if len(comment) <= LIMIT and (is_whole or shown is not None):
            return comment
    raise CommentTooLongError(f"the comment has {len(comment)} characters even without details; allowed: {LIMIT}")


def _planned_environments(outcomes: Sequence[Outcome]) -> dict[str, PlannedEnvironment]:
    return {outcome.environment: _planned(outcome) for outcome in sorted(outcomes, key=lambda row: row.environment)}


def _planned(outcome: Outcome) -> PlannedEnvironment:
    if isinstance(outcome, Failure):
        return PlannedEnvironment()
    hash_ = plan_hash(outcome.plan, outcome.stack) if isinstance(outcome, Planned) else None
    return PlannedEnvironment(hash=hash_, guard="stopped" if outcome.guard_result.blocking else "passed")


def _gravity(outcome: Outcome) -> tuple[bool, bool, bool, str]:
    """Sort key: failures first, then stopped ones, then protected environments, then by name."""
    if isinstance(outcome, Failure):
        return False, False, False, outcome.environment
    return True, not outcome.guard_result.blocking, not outcome.guard_result.protected, outcome.environment


def _title(outcomes: Sequence[Outcome]) -> str:
    failed = [outcome.environment for outcome in outcomes if isinstance(outcome, Failure)]
    judged = [outcome for outcome in outcomes if not isinstance(outcome, Failure)]
    parts = [
        f"⛔ {counted(len(outcome.guard_result.blocking), 'finding')} in {outcome.environment}, stopped by the guard"
        for outcome in judged
        if outcome.guard_result.blocking
    ]
    if failed:
        parts.append(f"❌ the plan of {' and '.join(failed)} failed")
    if not parts:
        parts.append(_good_news(judged))
    return f"## Plan: {'; '.join(parts)}"


def _good_news(judged: Sequence[Judged]) -> str:
    planned = [outcome for outcome in judged if isinstance(outcome, Planned)]
    changes = [change for outcome in planned for change in outcome.plan.resources if change.does_something]
    if any(outcome.guard_result.findings for outcome in judged):
        return "⚠️ nothing is stopped, but read the findings below"
    if changes:
        return f"✅ {counted(len(changes), 'change')}, none dangerous"
    return "✅ only outputs change" if any(changed_outputs(outcome.plan) for outcome in planned) else "✅ no changes"


def _source(commit: str, artifact_url: str | None) -> str:
    plans = f" · [full plans]({artifact_url})" if artifact_url else ""
    return f"<sub>Planned from {commit}{plans}</sub>"


def _cut_warning(artifact_url: str | None) -> str:
    where = f"[full plans]({artifact_url})" if artifact_url else "full plans of the workflow run"
    return (
        "> [!CAUTION]\n> **Do not approve from this comment: it is cut.** GitHub accepts no longer comment. "
        f"Read the {where} instead."
    )


def _findings(outcomes: Sequence[Outcome], overrides: Overrides, mask: Mask, shown: int | None) -> Iterator[str]:
    results = [outcome.guard_result for outcome in outcomes if not isinstance(outcome, Failure)]
    for result in results:
        yield from findings(result, mask, shown)
    yield from idle_overrides(results, overrides, shown)
