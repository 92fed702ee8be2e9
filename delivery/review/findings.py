"""The guard's findings, as a part of the comment."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from delivery.policy.overrides import EVERYTHING, Override, Overrides
from delivery.policy.result import FindingResult, GuardResult, Severity
from delivery.redaction.mask import Mask
from delivery.report.markdown import block, code, counted, printable

_SHOWN_OF_A_WHOLE = 5
_KINDS = {
    Severity.BLOCKING: ("CAUTION", "stopped by the guard"),
    Severity.WARNING: ("WARNING", "not stopped because the environment is not protected"),
    Severity.OVERRIDDEN: ("NOTE", "allowed by the pull request's description"),
}


def findings(result: GuardResult, mask: Mask, shown: int | None) -> Iterator[str]:
    """An alert for each severity with findings: the broken rules and what breaks them.

    shown: at most this many of each severity; None for all.
    """
    for severity, (alert, fate) in _KINDS.items():
        results = result.of(severity)
        if not results:
            continue
        where = f"{result.environment} (protected)" if result.protected else result.environment
        lines = [f"[!{alert}]", f"**{where}: {counted(len(results), 'finding')}, {fate}**", ""]
        for rule, broken in groupby(results[:shown], key=lambda row: row.rule):
            lines.append(f"- **{rule.danger}.** {rule.reason}")
            rows = list(broken)
            # Findings that one override can allow are read together; a fold of their own lists all of them.
            listed = rows[:_SHOWN_OF_A_WHOLE] if rule.whole else rows
            lines += [f"  - {_words(row, mask)}" for row in listed]
            if more := len(rows) - len(listed):
                lines.append(f"  - and {more} more, all of them below")
        if missing := len(results[shown:]) if shown is not None else 0:
            lines.append(f"- and {missing} more, listed in the check's own output")
        yield "\n".join(f"> {line}".rstrip() for line in lines)
    if result.blocking:
        yield _how_to_allow(result, mask, shown)


def _words(row: FindingResult, mask: Mask) -> str:
    def quote(text: str) -> str:
        return code(mask.clean(text))

    words = f"{quote(row.finding.address)} {row.finding.words(quote)}"
    return words if row.reason is None else f"{words}. Allowed because {quote(row.reason)}"


def _how_to_allow(result: GuardResult, mask: Mask, shown: int | None) -> str:
    overrides = [
        Override(
            rule=row.rule.id,
            environment=result.environment,
            address=EVERYTHING if row.rule.whole else row.finding.address,
            reason="",
        )
        for row in result.blocking[:shown]
    ]
    # A line without its reason allows nothing.
    lines = dict.fromkeys(printable(mask.clean(override.line)).rstrip() for override in overrides)
    return "\n\n".join(
        [
            f"<details><summary>If it is meant: add the lines that apply to the pull request's description, "
            f"each with its reason ({result.environment})</summary>",
            block("\n".join(lines)),
            "</details>",
        ]
    )


def idle_overrides(results: Sequence[GuardResult], overrides: Overrides, shown: int | None) -> Iterator[str]:
    """An alert about overrides in the pull request's text that allow nothing."""
    idle = [row for row in overrides.allowed if not any(result.matches(row) for result in results)]
    lines = [f"- {code(override.line)} matches nothing" for override in idle]
    lines += [f"- {code(line)} cannot be read" for line in overrides.unreadable]
    if lines:
        more = [f"- and {len(lines) - shown} more"] if shown is not None and len(lines) > shown else []
        title = "**These lines of the pull request's description allow nothing**"
        yield "\n".join(f"> {line}".rstrip() for line in ("[!WARNING]", title, "", *lines[:shown], *more))
