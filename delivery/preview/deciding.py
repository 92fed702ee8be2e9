"""Decides what an event asks of which slot, without the permission to touch one: the slots' own jobs do the work.

It writes the claims. A claim that is over is marked as ending, so that nobody renews it and the slot's job needs to ask
nobody; a job that comes late finds what the slot's claim is by then.
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
    """tasks: slots, and what their jobs do. is_clear: False where something is left for a person to look at."""

    tasks: tuple[tuple[str, Task], ...] = ()
    notes: tuple[Note, ...] = ()
    is_clear: bool = True


@dataclass(frozen=True, kw_only=True)
class Deciding:
    """slots: the names of all. machine_time: the witness of the store's clock; None for now."""

    previews: Previews
    slots: Sequence[str]
    store: ClaimStore
    claiming: Claiming
    pull_requests: PullRequests
    machine_time: datetime | None = None

    def decide(self, event: ClaimEvent | EndEvent | SweepEvent) -> Decided:
        """Say what is to be done, a line for each slot that was looked at. Raises PreviewError."""
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
        """End what a pull request has, if GitHub says so too: whoever sends events could end anybody's."""
        repository = self.previews.repository
        what = f"{repository}#{number}"
        claims = self.store.read().claims
        found = {name: claim for name, claim in claims.of(repository, number) if name in self.slots}
        if not found:
            print(f"{what} has no preview", flush=True)
            return Decided()
        state = self.pull_requests.state(repository, number)
        if isinstance(state, Open):
            print(f"{what} is open and carries the label: nothing ends", flush=True)
            return Decided()
        if isinstance(state, Unclear):
            print(f"whether {what} is over is not known: {state.reason}", flush=True)
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
        """Mark a claim as ending; return False where the slot has another one by now, as after a push."""
        try:
            self.store.update(lambda claims, _: claims.ended(name, claim))
        except ChangedError as error:
            print(f"{name}: {Action.KEEP}: {error}", flush=True)
            return False
        return True


def _recorded(slot: Slot) -> tuple[str, ...]:
    """What must exist of a slot by what is recorded; the slot's job looks."""
    claim = slot.claim
    has_begun = slot.work or (claim and (claim.deployed or claim.failed or claim.ending))
    return ("what was deployed",) if has_begun else ()
