"""Explains a pull request's changes: the settings that cause them, and the blocks that no setting explains."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from delivery.plan.diff import block_lines
from delivery.plan.differences import ABSENT
from delivery.proposal.comparison import CodeChange
from delivery.proposal.judged_proposal import JudgedProposal
from delivery.proposal.setting_changes import SettingChange
from delivery.redaction.mask import Mask
from delivery.report.markdown import code, counted, shortened, value
from delivery.report.sections import Section
from environments.schema.catalogue import PREVIEW_FILE
from environments.schema.settings import BOOTSTRAP

# Beyond this many, the changed files are easier to read.
_SHOWN = 20
_LONGEST_VALUE = 120


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """Why one stack is proposed as it is: its changed settings, and what they do not explain."""

    environment: str
    settings: tuple[SettingChange, ...]
    code: tuple[CodeChange, ...]


def explanations(proposal: JudgedProposal) -> list[Explanation]:
    """The explanation of each stack of a proposal; previews and the bootstrap stack only if they change."""
    rows = [
        Explanation(environment=name, settings=proposal.setting_changes(name), code=proposal.code_changes(name))
        for name in (*proposal.environments, BOOTSTRAP)
    ]
    return [row for row in rows if _is_shown(row, proposal)]


def _is_shown(row: Explanation, proposal: JudgedProposal) -> bool:
    if row.code:
        return True
    if row.environment == BOOTSTRAP:
        return proposal.needs_bootstrap
    return row.environment not in proposal.previews or any(it.file == PREVIEW_FILE for it in row.settings)


def explained(rows: Sequence[Explanation], mask: Mask) -> Iterator[str]:
    """A paragraph with a line for each stack; nothing if there are none."""
    if rows:
        yield "\n".join(["**What explains it**", "", *(f"- {_line(row, mask)}" for row in rows)])


def code_sections(rows: Sequence[Explanation], mask: Mask) -> list[Section]:
    """A fold for each stack with what its settings do not explain, as a diff of configuration."""
    return [
        Section(
            summary=f"<b>{row.environment}</b>: changed by code, {counted(len(row.code), 'block')} of configuration",
            is_open=False,
            language="diff",
            blocks=["\n".join(block_lines(change.address, change.differences, mask)) for change in row.code],
        )
        for row in rows
    ]


def _line(row: Explanation, mask: Mask) -> str:
    parts = []
    if row.code:
        blocks = counted(len(row.code), "block")
        parts.append(f"⚠️ **code**: {blocks} of configuration that the settings do not explain")
    if row.settings:
        parts.append(f"settings: {'; '.join(_settings(row.settings, mask))}")
    elif not row.code:
        parts.append("no setting changes")
    if row.settings and not row.code:
        parts.append("nothing else")
    first = ". Run `make bootstrap` after merging, before the deploy" if row.environment == BOOTSTRAP else ""
    return f"**{row.environment}**: {', and '.join(parts)}{first}"


def _settings(changes: Sequence[SettingChange], mask: Mask) -> Iterator[str]:
    for change in changes[:_SHOWN]:
        before, after = (shortened(mask.clean(value(side)), _LONGEST_VALUE) for side in (change.before, change.after))
        what = (
            f"added {code(after)}"
            if change.before is ABSENT
            else f"removed {code(before)}"
            if change.after is ABSENT
            else f"{code(before)} → {code(after)}"
        )
        yield f"{code(change.file)} {code(change.field)} {what}"
    if (more := len(changes) - _SHOWN) > 0:
        yield f"and {more} more in the changed files"
