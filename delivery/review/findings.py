"""What the guard found, as a part of the comment."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from delivery.policy.overrides import Override, Overrides
from delivery.policy.result import Judgement, Verdict, Weight
from delivery.redaction.mask import Mask
from delivery.report.markdown import block, code, counted, printable

_KINDS = {
    Weight.STOPS: ("CAUTION", "stopped by the guard"),
    Weight.NAMED: ("WARNING", "not stopped, since the environment is not protected"),
    Weight.ALLOWED: ("NOTE", "allowed by the pull request's text"),
}


def findings(verdict: Verdict, mask: Mask, shown: int | None) -> Iterator[str]:
    """An alert for each weight that there is: the rules that are broken, and what by.

    shown: at most so many of each weight; None for all.
    """
    for weight, (alert, fate) in _KINDS.items():
        judgements = verdict.of(weight)
        if not judgements:
            continue
        where = f"{verdict.environment} (protected)" if verdict.protected else verdict.environment
        lines = [f"[!{alert}]", f"**{where}: {counted(len(judgements), 'danger')}, {fate}**", ""]
        for rule, broken in groupby(judgements[:shown], key=lambda judgement: judgement.rule):
            lines.append(f"- **{rule.danger}.** {rule.reason}")
            lines += [f"  - {_words(judgement, mask)}" for judgement in broken]
        if missing := len(judgements[shown:]) if shown is not None else 0:
            lines.append(f"- and {missing} more, which the check's own output lists")
        yield "\n".join(f"> {line}".rstrip() for line in lines)
    if verdict.stopping:
        yield _how_to_allow(verdict, shown)


def _words(judgement: Judgement, mask: Mask) -> str:
    def quote(text: str) -> str:
        return code(mask.clean(text))

    words = f"{quote(judgement.finding.address)} {judgement.finding.words(quote)}"
    return words if judgement.reason is None else f"{words}. Allowed because {quote(judgement.reason)}"


def _how_to_allow(verdict: Verdict, shown: int | None) -> str:
    overrides = [
        Override(rule=judgement.rule.id, environment=verdict.environment, address=judgement.finding.address, reason="")
        for judgement in verdict.stopping[:shown]
    ]
    # Without its reason a line allows nothing.
    lines = dict.fromkeys(printable(override.line).rstrip() for override in overrides)
    return "\n\n".join(
        [
            f"<details><summary>If it is meant: add the lines that apply to the pull request's description, "
            f"each with its reason ({verdict.environment})</summary>",
            block("\n".join(lines)),
            "</details>",
        ]
    )


def idle_overrides(verdicts: Sequence[Verdict], overrides: Overrides, shown: int | None) -> Iterator[str]:
    """An alert about lines of the pull request's text that were meant to allow something and do not."""
    idle = [row for row in overrides.allowed if not any(verdict.matches(row) for verdict in verdicts)]
    lines = [f"- {code(override.line)} matches nothing" for override in idle]
    lines += [f"- {code(line)} cannot be read" for line in overrides.unreadable]
    if lines:
        more = [f"- and {len(lines) - shown} more"] if shown is not None and len(lines) > shown else []
        title = "**These lines of the pull request's text allow nothing**"
        yield "\n".join(f"> {line}".rstrip() for line in ("[!WARNING]", title, "", *lines[:shown], *more))
