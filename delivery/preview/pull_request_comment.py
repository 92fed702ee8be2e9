"""The text of a pull request's comment about its preview."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from delivery.preview.claim import Claim
from delivery.preview.claims import Slot
from delivery.preview.clock import moment
from delivery.preview.decision import ends_at, sleeps_at
from delivery.report.markdown import block, code
from environments.applications import APPLICATION_OF_FIELD
from environments.schema.previews import Previews
from environments.schema.settings import Environment

_MARK = "<!-- mosaic preview -->"
_NONE = "This pull request has no preview."


class State(StrEnum):
    """The state of a preview, in words for people."""

    UNDERWAY = "being deployed"
    RUNNING = "running"
    FAILED = "did not come up"
    ASLEEP = "asleep"
    EMPTIED = "being emptied"


@dataclass(frozen=True, kw_only=True)
class PreviewView:
    """A pull request's preview as shown. slot: its settings. run_url: the workflow run that reports it."""

    slot: Environment
    claim: Claim
    state: State
    previews: Previews
    run_url: str


def state_of(slot: Slot, now: datetime) -> State:
    """The state of a claimed slot according to its record."""
    claim, work = slot.claim, slot.work
    if claim is None or claim.ending:
        return State.EMPTIED
    if work and work.what == "deploy" and not work.is_over(now):
        return State.UNDERWAY
    if claim.asleep:
        return State.ASLEEP
    if claim.images == claim.failed:
        return State.FAILED
    # A deploy that waits for another run of the slot has no lease yet.
    return State.RUNNING if claim.images == claim.deployed else State.UNDERWAY


def is_preview_comment(text: str) -> bool:
    """Whether a comment is a preview comment."""
    return text.startswith(_MARK)


def comment(view: PreviewView | None, *, notice: str | None = None) -> str:
    """Return the comment's Markdown. view: None for a pull request without a preview.

    notice: lines of any origin that say why there is no preview, or something about it.
    """
    return "\n".join([_MARK, "### Preview", "", *(_shown(view) if view else [_NONE]), *_notice(notice)])


def _shown(view: PreviewView) -> Iterator[str]:
    claim = view.claim
    yield f"[{view.slot.name}]({view.run_url}) is **{view.state}**{_what_to_do(view)}"
    if view.state is State.EMPTIED:
        return
    yield ""
    yield "| | address | image |"
    yield "| :-- | :-- | :-- |"
    for field, application in APPLICATION_OF_FIELD.items():
        (host, *_), image = getattr(view.slot, field).hosts, getattr(claim.images, field)
        yield f"| {application.name} | https://{host} | {code(image.tag)} |"
    yield ""
    built = f"Built from {claim.commit}. " if claim.commit else ""
    sleeps = "" if view.state is State.ASLEEP else f"It falls asleep at {moment(sleeps_at(claim, view.previews))}, and "
    yield f"{built}{sleeps or 'It '}ends at {moment(ends_at(claim, view.previews))}."


def _what_to_do(view: PreviewView) -> str:
    match view.state:
        case State.FAILED:
            return ": the run says why. Another push tries again."
        case State.ASLEEP:
            return ": it has no pods but keeps its data. A push wakes it, and so does sending the same build again."
        case State.EMPTIED:
            return ": everything in it is being deleted."
    return ". A push renews it."


def _notice(notice: str | None) -> Iterator[str]:
    if notice:
        yield ""
        yield block(notice)
