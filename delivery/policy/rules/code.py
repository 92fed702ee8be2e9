"""Changes that the settings do not explain come from code, and a person must allow them."""

from collections.abc import Iterable, Iterator

from delivery.plan.differences import ABSENT, Difference
from delivery.policy.rules.rule import Blocks, Finding, Review, Rule
from delivery.proposal.comparison import CodeChange, code_changes
from delivery.proposal.understanding import UnknownSetting
from delivery.report.markdown import counted

# A finding is one line; the comment's section about code lists all differences.
_NAMED = 3


def unknown(settings: Iterable[UnknownSetting]) -> Iterator[Finding]:
    """A finding for each setting that this code cannot explain."""
    for row in settings:
        yield Finding.of(f"{row.file}:{row.field}", "is a setting that this code cannot explain: {}", row.words)


def changed(changes: Iterable[CodeChange]) -> Iterator[Finding]:
    """A finding for each block that differs from what this code synthesizes from the settings."""
    for row in changes:
        yield Finding.of(
            row.address, "differs from what this code synthesizes from the settings: {}", _words(row.differences)
        )


def _find(review: Review) -> Iterator[Finding]:
    yield from unknown(review.unknown_settings)
    if review.trusted is not None:
        yield from changed(code_changes(review.trusted, review.stack))


def _words(differences: tuple[Difference, ...]) -> str:
    paths = [f"{row.path or 'all of it'} ({_kind(row)})" for row in differences[:_NAMED]]
    more = len(differences) - len(paths)
    return ", ".join(paths) + (f" and {counted(more, 'more difference')}" if more else "")


def _kind(row: Difference) -> str:
    return "added" if row.before is ABSENT else "removed" if row.after is ABSENT else "changed"


RULES = (
    Rule(
        id="changed-by-code",
        danger="Changed by code, not by settings",
        reason="The effect of settings is known; only a person who has read the code can judge its effect.",
        blocks=Blocks.ALWAYS,
        find=_find,
        whole=True,
    ),
)
