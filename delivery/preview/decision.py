"""Decides what happens to a slot, from its record, GitHub's answer, what exists, and the time."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from delivery.preview.claim import Claim
from delivery.preview.claims import Slot
from delivery.preview.clock import LARGEST_DIFFERENCE, Clock, moment
from delivery.preview.lease import DURATION, Lease
from delivery.preview.pull_requests import Open, Over, Unclear
from environments.schema.previews import Previews


class Action(StrEnum):
    """What is done with a slot. REPORT: nothing is done, and a person must look."""

    KEEP = "keep"
    DEPLOY = "deploy"
    SLEEP = "sleep"
    RELEASE = "release"
    CLEAN = "clean"
    REPORT = "report"


@dataclass(frozen=True)
class Decision:
    """action: what is done. reason: why, for a line after the slot's name and the action."""

    action: Action
    reason: str


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What is known about a slot.

    held: the lease in force. pull_request: GitHub's answer about the claim's; None if it was not asked.
    exists: everything there beyond what bootstrap created.
    """

    slot: Slot
    held: Lease | None
    pull_request: Open | Over | Unclear | None
    exists: tuple[str, ...] | Unclear
    clock: Clock


def decide(facts: Facts, previews: Previews) -> Decision:
    """Decide what to do with a slot. Unclear answers end nothing; unfinished work is finished."""
    claim = facts.slot.claim
    if facts.held:
        return Decision(Action.KEEP, f"held: {facts.held}")
    if isinstance(facts.exists, Unclear):
        return Decision(Action.REPORT, f"cannot tell what exists: {facts.exists.reason}")
    if claim is not None:
        return _of_claim(facts, facts.exists, claim, previews)
    if facts.exists:
        return Decision(Action.CLEAN, f"nobody has it, but it still holds {', '.join(facts.exists)}")
    return Decision(Action.KEEP, "free")


def sleeps_at(claim: Claim, previews: Previews) -> datetime:
    """When the pods of a claim are removed if nobody renews it."""
    return claim.renewed_at + timedelta(hours=previews.asleep_after_hours)


def ends_at(claim: Claim, previews: Previews) -> datetime:
    """When a claim is released if nobody renews it."""
    return claim.renewed_at + timedelta(days=previews.released_after_days)


def _of_claim(facts: Facts, exists: tuple[str, ...], claim: Claim, previews: Previews) -> Decision:
    # GitHub and the clock were checked when its release began.
    if claim.ending:
        return Decision(Action.RELEASE, f"the release of {claim} did not finish")
    if isinstance(facts.pull_request, Unclear):
        return Decision(Action.REPORT, f"cannot tell whether {claim} is open: {facts.pull_request.reason}")
    if isinstance(facts.pull_request, Over):
        return Decision(Action.RELEASE, f"{claim}: {facts.pull_request.reason}")
    if problem := _age_problem(facts.clock, claim):
        return Decision(Action.REPORT, f"the age of {claim} cannot be judged: {problem}")
    return _by_age(facts, exists, claim, previews)


def _age_problem(clock: Clock, claim: Claim) -> str | None:
    if clock.problem:
        return clock.problem
    if claim.renewed_at > clock.now + LARGEST_DIFFERENCE:
        return (
            f"it was renewed at {moment(claim.renewed_at)}, but now is {moment(clock.now)}; allowed: a time in the "
            "past (python -m delivery preview extend sets it)"
        )
    return None


def _by_age(facts: Facts, exists: tuple[str, ...], claim: Claim, previews: Previews) -> Decision:
    now, sleeps, ends = facts.clock.now, sleeps_at(claim, previews), ends_at(claim, previews)
    if now >= ends:
        return Decision(Action.RELEASE, f"{claim} has not been renewed since {moment(claim.renewed_at)}")
    if now >= sleeps and exists and not claim.asleep:
        return Decision(Action.SLEEP, f"{claim} has not been renewed since {moment(claim.renewed_at)}")
    if now < sleeps and _is_unfinished(facts, exists, claim):
        return Decision(Action.DEPLOY, f"the deploy for {claim} did not finish")
    until = "asleep" if claim.asleep else f"sleeps at {moment(sleeps)}"
    return Decision(Action.KEEP, f"{claim}, {until}, ends at {moment(ends)}")


def _is_unfinished(facts: Facts, exists: tuple[str, ...], claim: Claim) -> bool:
    """Whether a run died at work, or between its claim and its deploy. A failed deploy is recorded as such."""
    if facts.slot.work:
        return True
    is_missing = not exists or claim.images != claim.deployed
    is_due = facts.clock.now >= claim.renewed_at + DURATION
    return is_missing and is_due and not claim.asleep and claim.images != claim.failed
