"""All slots as stored: who has each, and who works on it. Every change is a function of the current content.

Nothing here makes a request or reads the time; ``claim_store.py`` reads and writes.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from pydantic import Field

from delivery.preview.claim import Claim, Images
from delivery.preview.error import PreviewError
from delivery.preview.lease import Lease
from delivery.preview.stored import Stored

SlotName = Annotated[str, Field(pattern=r"^preview-[1-9]$")]


# Whether a lease's holder is known to be dead.
IsGone = Callable[[Lease], bool]


def nobody(_: Lease) -> bool:
    """Nobody is known to be dead."""
    return False


class AllTakenError(PreviewError):
    """All slots are taken."""


class HeldError(PreviewError):
    """Somebody else is working on the slot."""


class ChangedError(PreviewError):
    """The slot has changed since its next step was decided."""


class Slot(Stored):
    """claim: None if the slot is free. work: None if nobody works on it or the worker died."""

    claim: Claim | None = None
    work: Lease | None = None


FREE = Slot()


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What a pull request asks for; fields as in Claim. id: for the claim, if it is a new one."""

    id: str
    repository: str
    pull_request: int
    commit: str | None
    images: Images


class Claims(Stored):
    """The slots by name. A missing slot is free."""

    slots: Mapping[SlotName, Slot] = {}

    def slot(self, name: str) -> Slot:
        """Return a slot, free if nothing is stored for it."""
        return self.slots.get(name, FREE)

    def of(self, repository: str, pull_request: int) -> Iterator[tuple[str, Claim]]:
        """Yield a pull request's slots and claims: at most one live claim, and perhaps one that is being emptied."""
        for name, slot in sorted(self.slots.items()):
            if slot.claim and slot.claim.is_of(repository, pull_request):
                yield name, slot.claim

    def slot_of(self, repository: str, pull_request: int) -> str:
        """Return the pull request's slot. Raises PreviewError if it has none, or only one that is being emptied."""
        found = dict(self.of(repository, pull_request))
        for name, claim in found.items():
            if not claim.ending:
                return name
        what = f"{repository}#{pull_request}"
        if found:
            raise PreviewError(f"{what}: {', '.join(found)} is being emptied; allowed: claim again when that is done")
        raise PreviewError(f"{what} has no preview; allowed: claim one (python -m delivery preview claim)")

    def claimed(
        self, wanted: Wanted, slots: Sequence[str], now: datetime, *, is_gone: IsGone = nobody
    ) -> tuple["Claims", str]:
        """Return the slots after a claim, and the slot it got: the one it already had, or the first free one.

        slots: the existing ones, in this order. is_gone: as for ``taken``. Raises AllTakenError.
        """
        asked = {"commit": wanted.commit, "images": wanted.images, "renewed_at": now, "asleep": False, "failed": None}
        for name, claim in self.of(wanted.repository, wanted.pull_request):
            if name in slots and not claim.ending:
                return self._with(name, claim=claim.model_copy(update=asked)), name
        for name in slots:
            if self.slot(name).claim is None and not self.work(name, now, is_gone=is_gone):
                new = Claim(
                    id=wanted.id,
                    repository=wanted.repository,
                    pull_request=wanted.pull_request,
                    commit=wanted.commit,
                    images=wanted.images,
                    claimed_at=now,
                    renewed_at=now,
                )
                return self._with(name, claim=new), name
        raise AllTakenError(f"{wanted.repository}#{wanted.pull_request}: no slot is free")

    def work(self, name: str, now: datetime, *, is_gone: IsGone = nobody) -> Lease | None:
        """Return the lease in force for a slot; None if nobody works on it."""
        work = self.slot(name).work
        return work if work and not work.is_over(now) and not is_gone(work) else None

    def extended(self, name: str, now: datetime) -> "Claims":
        """Return the slots after a claim was renewed without a push, and woken. Raises PreviewError."""
        claim = self._claim(name)
        return self._with(name, claim=claim.model_copy(update={"renewed_at": now, "asleep": False}))

    def taken(
        self,
        name: str,
        lease: Lease,
        now: datetime,
        *,
        expected: Claim | None,
        is_gone: IsGone = nobody,
    ) -> "Claims":
        """Return the slots after somebody started to work on one; a claim is ending as soon as its release starts.

        expected: the claim that the work was decided for. is_gone: whether a lease's holder is known to be dead.
        Raises HeldError, and ChangedError if the slot has another claim.
        """
        slot, held = self.slot(name), self.work(name, now, is_gone=is_gone)
        if held and held.by != lease.by:
            raise HeldError(f"{name} is held: {held}")
        self._require(name, expected)
        ending = {"ending": True} if lease.what == "release" else {}
        return self._with(name, claim=slot.claim and slot.claim.model_copy(update=ending), work=lease)

    def ended(self, name: str, expected: Claim) -> "Claims":
        """Return the slots after a claim was declared over; its slot still has to be emptied.

        Raises ChangedError if the slot has another claim.
        """
        self._require(name, expected)
        return self._with(name, claim=expected.model_copy(update={"ending": True}))

    def given_back(self, name: str, lease: Lease) -> "Claims":
        """Return the slots after this work ended, whatever its result; somebody else's lease stays."""
        return self._with(name, work=None) if self.slot(name).work == lease else self

    def deployed(self, name: str, lease: Lease, images: Images) -> "Claims":
        """Return the slots after these images came up. Raises ChangedError if the deploy lost its lease."""
        done = {"deployed": images, "failed": None}
        return self._with(name, claim=self._worked_on(name, lease).model_copy(update=done), work=None)

    def failed(self, name: str, lease: Lease, images: Images) -> "Claims":
        """Return the slots after these images did not come up. Raises ChangedError if the deploy lost its lease."""
        return self._with(name, claim=self._worked_on(name, lease).model_copy(update={"failed": images}), work=None)

    def slept(self, name: str, lease: Lease, renewed_at: datetime) -> "Claims":
        """Return the slots after the pods were removed. A claim that was renewed in the meantime counts as awake.

        renewed_at: the claim's, when the sleep was decided. Raises ChangedError if the work lost its lease.
        """
        claim = self._worked_on(name, lease)
        asleep = claim.renewed_at == renewed_at
        return self._with(name, claim=claim.model_copy(update={"asleep": asleep}), work=None)

    def freed(self, name: str, lease: Lease) -> "Claims":
        """Return the slots without this claim. Raises ChangedError if its release lost its lease."""
        if self.slot(name).work != lease:
            raise _lost(name, lease)
        return self._with(name, claim=None, work=None)

    def _worked_on(self, name: str, lease: Lease) -> Claim:
        slot = self.slot(name)
        if slot.claim is None or slot.work != lease:
            raise _lost(name, lease)
        return slot.claim

    def _require(self, name: str, expected: Claim | None) -> None:
        claim = self.slot(name).claim
        if claim != expected:
            raise ChangedError(
                f"{name} has changed meanwhile: {claim or 'nobody'} has it now; allowed: run the command again"
            )

    def _claim(self, name: str) -> Claim:
        claim = self.slot(name).claim
        if claim is None:
            raise PreviewError(f"{name} is free; allowed: a slot that a pull request has")
        if claim.ending:
            raise PreviewError(f"{name} is being emptied of {claim}; allowed: claim again when that is done")
        return claim

    def _with(self, name: str, **fields: object) -> "Claims":
        # Rebuilt and so validated: a record that could not be read back is never written.
        return Claims.model_validate({"slots": {**self.slots, name: {**dict(self.slot(name)), **fields}}})


def _lost(name: str, lease: Lease) -> ChangedError:
    return ChangedError(
        f"{name}: this run's lease has ended, and another run works on it: {lease}; allowed: run it again"
    )
