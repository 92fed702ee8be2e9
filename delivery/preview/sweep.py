"""Compares each slot's claim, its pull request and what really exists, and does what is due."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from delivery.preview import holder
from delivery.preview.claim_store import ClaimStore, Reading
from delivery.preview.claims import ChangedError, HeldError, Slot
from delivery.preview.clock import Clock
from delivery.preview.decision import Action, Decision, Facts, decide
from delivery.preview.error import PreviewError
from delivery.preview.pull_requests import PullRequests, Unclear
from delivery.preview.remains import remains
from delivery.preview.slot_worker import SlotWorker
from environments.schema.previews import Previews


@dataclass(frozen=True, kw_only=True)
class Sweep:
    """One pass over all slots, or some.

    workers: for the slots in the pass. pull_requests: None if GitHub is not asked. machine_time: a second clock to
    check the store's against; None for now. act: False to print only what would be done.
    """

    workers: Sequence[SlotWorker]
    previews: Previews
    store: ClaimStore
    pull_requests: PullRequests | None
    machine_time: datetime | None = None
    act: bool = True

    def run(self) -> bool:
        """Check each slot, do what is due and print a line; return whether nothing is left for a person to do."""
        # A failure of one slot must not stop the others.
        results = [*map(self._sweep, self.workers), self._nobody_lacks_a_slot(), self._no_claim_lacks_its_slot()]
        return all(results)

    def _sweep(self, worker: SlotWorker) -> bool:
        try:
            slot, decision = self._decide(worker)
            print(f"{worker.name}: {decision.action}: {decision.reason}", flush=True)
            if self.act:
                self._do(worker, slot, decision)
        except HeldError as error:
            # For example another sweep, which does the same.
            print(f"{worker.name}: {Action.KEEP}: {error}", flush=True)
            return True
        except ChangedError as error:
            print(f"{worker.name}: {Action.KEEP}: {error}", flush=True)
            return True
        except PreviewError as error:
            for line in str(error).splitlines():
                print(f"{worker.name}: {Action.REPORT}: {line}", flush=True)
            return False
        return decision.action is not Action.REPORT

    def _decide(self, worker: SlotWorker) -> tuple[Slot, Decision]:
        # What exists is read first: a claim that arrives in between is then seen.
        exists = remains(worker.target)
        reading = self.store.read()
        slot = reading.claims.slot(worker.name)
        asked = self.pull_requests if slot.claim and not slot.claim.ending else None
        facts = Facts(
            slot=slot,
            held=reading.claims.work(worker.name, reading.now, is_gone=holder.is_gone),
            pull_request=asked.state(slot.claim.repository, slot.claim.pull_request) if asked and slot.claim else None,
            exists=exists,
            clock=self._clock(reading),
        )
        return slot, decide(facts, self.previews)

    def _do(self, worker: SlotWorker, slot: Slot, decision: Decision) -> None:
        actions: dict[Action, Callable[[Slot], None]] = {
            Action.DEPLOY: worker.deploy,
            Action.SLEEP: worker.sleep,
            Action.RELEASE: worker.release,
            Action.CLEAN: worker.release,
        }
        if decision.action in actions:
            actions[decision.action](slot)

    def _nobody_lacks_a_slot(self) -> bool:
        """Name the pull requests that want a preview and have none: an event was lost, or all slots are taken."""
        if self.pull_requests is None:
            return True
        wanted = self.pull_requests.labelled(self.previews.repository)
        if isinstance(wanted, Unclear):
            print(f"{Action.REPORT}: cannot tell which pull requests have the label: {wanted.reason}", flush=True)
            return False
        claims = self.store.read().claims
        for number in wanted:
            if not list(claims.of(self.previews.repository, number)):
                print(f"{self.previews.repository}#{number} has the label but no preview", flush=True)
        return True

    def _no_claim_lacks_its_slot(self) -> bool:
        """Name the claims of slots that the settings no longer have."""
        left = {
            name: slot
            for name, slot in self.store.read().claims.slots.items()
            if (slot.claim or slot.work) and int(name.rpartition("-")[2]) > self.previews.slots
        }
        for name, slot in left.items():
            print(
                f"{name}: {Action.REPORT}: {slot.claim or 'nobody'} has it, but there are only {self.previews.slots} "
                "slots; allowed: release it before lowering previews.slots (environments/shared.py)",
                flush=True,
            )
        return not left

    def _clock(self, reading: Reading) -> Clock:
        return Clock.of(reading.now, self.machine_time)
