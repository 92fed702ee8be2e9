"""Decides which slots an event affects, without permission to touch any: each slot's own job does the work.

It writes the claims. A claim that is over is marked as ending, so that nobody renews it and the slot's job needs no
further checks; a late job reads the claim that the slot has by then.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from delivery.preview import holder
from delivery.preview.claim import Claim
from delivery.preview.claim_store import ClaimStore, Reading
from delivery.preview.claiming import Claiming
from delivery.preview.claims import ChangedError, Slot
from delivery.preview.clock import Clock
from delivery.preview.decision import Action, Facts, decide
from delivery.preview.error import PreviewError
from delivery.preview.github_event import ClaimEvent, EndEvent, SweepEvent
from delivery.preview.note import Note
from delivery.preview.pull_requests import Open, PullRequests, Unclear
from delivery.preview.slot_matrix import Task
from delivery.preview.sweep import Sweep
from environments.schema.previews import Previews


@dataclass(frozen=True, kw_only=True)
class Decided:
    """tasks: slots and what their jobs do. is_clear: False if a person must look at something."""

    tasks: tuple[tuple[str, Task], ...] = ()
    notes: tuple[Note, ...] = ()
    is_clear: bool = True


@dataclass(frozen=True, kw_only=True)
class Deciding:
    """slots: all names. machine_time: a second clock to check the store's against; None for now."""

    previews: Previews
    slots: Sequence[str]
    store: ClaimStore
    claiming: Claiming
    pull_requests: PullRequests
    machine_time: datetime | None = None

    def decide(self, event: ClaimEvent | EndEvent | SweepEvent) -> Decided:
        """Decide what to do, and print a line for each slot that was checked. Raises PreviewError."""
        match event:
            case ClaimEvent():
                return self._claim(event)
            case EndEvent():
                return self._end(event.pull_request)
            case SweepEvent():
                return self._sweep(every=event.every)

    def _claim(self, event: ClaimEvent) -> Decided:
        number = event.pull_request
        try:
            name = self.claiming.claim(self.previews.repository, number, event.commit, event.tags)
        except PreviewError as error:
            print(error, flush=True)
            return Decided(notes=(Note(pull_request=number, notice=str(error)),), is_clear=False)
        return Decided(tasks=((name, "deploy"),), notes=(Note(pull_request=number, underway=True),))

    def _end(self, number: int) -> Decided:
        """End the pull request's claims, if GitHub agrees: otherwise a sender of events could end anyone's preview."""
        repository = self.previews.repository
        what = f"{repository}#{number}"
        claims = self.store.read().claims
        found = {name: claim for name, claim in claims.of(repository, number) if name in self.slots}
        if not found:
            print(f"{what} has no preview", flush=True)
            return Decided()
        state = self.pull_requests.state(repository, number)
        if isinstance(state, Open):
            print(f"{what} is open and has the label: nothing to release", flush=True)
            return Decided()
        if isinstance(state, Unclear):
            print(f"cannot tell whether {what} is over: {state.reason}", flush=True)
            return Decided(is_clear=False)
        ended = [name for name, claim in found.items() if self._ended(name, claim)]
        for name in ended:
            print(f"{name}: {Action.RELEASE}: {what}: {state.reason}", flush=True)
        return Decided(tasks=tuple((name, "sweep") for name in ended), notes=(Note(pull_request=number),))

    def _sweep(self, *, every: bool) -> Decided:
        reading = self.store.read()
        results = [self._look(name, reading, every=every) for name in self.slots]
        is_clear = Sweep(workers=(), previews=self.previews, store=self.store, pull_requests=self.pull_requests).run()
        return Decided(
            tasks=tuple(task for result in results for task in result.tasks),
            notes=tuple(note for result in results for note in result.notes),
            is_clear=is_clear and all(result.is_clear for result in results),
        )

    def _look(self, name: str, reading: Reading, *, every: bool) -> Decided:
        slot = reading.claims.slot(name)
        claim = slot.claim
        held = reading.claims.work(name, reading.now, is_gone=holder.is_gone)
        asked = claim if claim and not claim.ending and not held else None
        facts = Facts(
            slot=slot,
            held=held,
            pull_request=self.pull_requests.state(asked.repository, asked.pull_request) if asked else None,
            exists=_recorded(slot),
            clock=Clock.of(reading.now, self.machine_time),
        )
        decision = decide(facts, self.previews)
        print(f"{name}: {decision.action}: {decision.reason}", flush=True)
        match decision.action:
            case Action.REPORT:
                return Decided(is_clear=False)
            case Action.KEEP if held or claim or not every:
                return Decided()
            case Action.RELEASE if claim and not self._ended(name, claim):
                return Decided()
        notes = (Note(pull_request=claim.pull_request),) if claim else ()
        return Decided(tasks=((name, "sweep"),), notes=notes)

    def _ended(self, name: str, claim: Claim) -> bool:
        """Mark a claim as ending; return False if the slot has another claim by now, for example after a push."""
        try:
            self.store.update(lambda claims, _: claims.ended(name, claim))
        except ChangedError as error:
            print(f"{name}: {Action.KEEP}: {error}", flush=True)
            return False
        return True


def _recorded(slot: Slot) -> tuple[str, ...]:
    """What must exist in a slot according to its record; the slot's job checks what really exists."""
    claim = slot.claim
    has_begun = slot.work or (claim and (claim.deployed or claim.failed or claim.ending))
    return ("what was deployed",) if has_begun else ()
