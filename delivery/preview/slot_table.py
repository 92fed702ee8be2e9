"""The slots as a table."""

import shutil
import sys
from collections.abc import Iterator, Sequence
from datetime import datetime

from delivery.preview import holder
from delivery.preview.claim import Claim
from delivery.preview.claims import Claims
from delivery.preview.clock import moment
from delivery.preview.decision import ends_at, sleeps_at
from delivery.report.table import columns
from environments.schema.previews import Previews

_HEADINGS = ("slot", "state", "pull request", "images", "since", "sleeps at", "ends at")


def slot_table(claims: Claims, slots: Sequence[str], previews: Previews, now: datetime) -> Iterator[str]:
    """Yield the table's lines, one row for each slot."""
    rows = [_row(claims, name, previews, now) for name in slots]
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    for lines in columns([_HEADINGS, *rows], width=width):
        yield from lines


def _row(claims: Claims, name: str, previews: Previews, now: datetime) -> tuple[str, ...]:
    claim = claims.slot(name).claim
    state = _state(claims, name, now)
    if claim is None:
        return (name, state, "", "", "", "", "")
    sleeps = "" if claim.asleep or claim.ending else moment(sleeps_at(claim, previews))
    ends = "" if claim.ending else moment(ends_at(claim, previews))
    return (name, state, str(claim), str(claim.images), moment(claim.claimed_at), sleeps, ends)


def _state(claims: Claims, name: str, now: datetime) -> str:
    claim = claims.slot(name).claim
    held = claims.work(name, now, is_gone=holder.is_gone)
    left = claims.slot(name).work
    if held:
        return str(held)
    if left:
        return f"{left.what} was interrupted: sweep finishes it"
    return "free" if claim is None else _state_of(claim)


def _state_of(claim: Claim) -> str:
    if claim.ending:
        return "half emptied: sweep finishes it"
    if claim.asleep:
        return "asleep"
    if claim.images == claim.failed:
        return "did not come up"
    if claim.deployed is None:
        return "claimed, not deployed"
    return "running" if claim.deployed == claim.images else "running the previous build"
