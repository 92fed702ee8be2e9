"""All slots, as they are stored: who has which, and who works on it. What changes them is a function of what they are.

Nothing here asks anybody or knows the time; ``claim_store.py`` reads and writes.
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


# Whether who has a lease is known to be dead.
IsGone = Callable[[Lease], bool]


def nobody(_: Lease) -> bool:
    """Nobody is known to be dead."""
    return False


class AllTakenError(PreviewError):
    """No slot is free."""


class HeldError(PreviewError):
    """Somebody else works on the slot."""


class ChangedError(PreviewError):
    """The slot is not what it was when it was decided what to do with it."""


class Slot(Stored):
    """claim: None where the slot is free. work: None where nobody works on it, or died doing so."""

    claim: Claim | None = None
    work: Lease | None = None


FREE = Slot()


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What a pull request asks for; as in Claim. id: of the claim where it is a new one."""

    id: str
    repository: str
    pull_request: int
    commit: str | None
    images: Images


class Claims(Stored):
    """The slots by their names. One that is not here is free."""

    slots: Mapping[SlotName, Slot] = {}

    def slot(self, name: str) -> Slot:
        """Return what is known of a slot."""
        return self.slots.get(name, FREE)

    def of(self, repository: str, pull_request: int) -> Iterator[tuple[str, Claim]]:
        """Yield the slots that a pull request has, with its claims: one, and another that is still being emptied."""
        for name, slot in sorted(self.slots.items()):
            if slot.claim and slot.claim.is_of(repository, pull_request):
                yield name, slot.claim

    def slot_of(self, repository: str, pull_request: int) -> str:
        """Return the slot that a pull request has. Raises PreviewError where it has none that is not being emptied."""
        found = dict(self.of(repository, pull_request))
        for name, claim in found.items():
            if not claim.ending:
                return name
        what = f"{repository}#{pull_request}"
        if found:
            raise PreviewError(f"{what}: {', '.join(found)} is being emptied; allowed: to claim again once it is done")
        raise PreviewError(f"{what} has no preview; allowed: to claim one (python -m delivery preview claim)")

    def claimed(
        self, wanted: Wanted, slots: Sequence[str], now: datetime, *, is_gone: IsGone = nobody
    ) -> tuple["Claims", str]:
        """Return the slots after a claim, and which one it got: that of its claim before, or the first free one.

        slots: those that there are, in this order. is_gone: as for ``taken``. Raises AllTakenError.
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
        """Return the lease of a slot that is in force; None where nobody works on it any more."""
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
        """Return the slots after somebody began to work on one; a claim is ending from the begin of its release on.

        expected: the claim for which that was decided. is_gone: whether who has a lease is known to be dead.
        Raises HeldError, and ChangedError where the slot has another claim.
        """
        slot, held = self.slot(name), self.work(name, now, is_gone=is_gone)
        if held and held.by != lease.by:
            raise HeldError(f"{name} is held: {held}")
        self._require(name, expected)
        ending = {"ending": True} if lease.what == "release" else {}
        return self._with(name, claim=slot.claim and slot.claim.model_copy(update=ending), work=lease)

    def ended(self, name: str, expected: Claim) -> "Claims":
        """Return the slots after somebody decided that a claim is over; its slot is still to be emptied.

        Raises ChangedError where the slot has another claim.
        """
        self._require(name, expected)
        return self._with(name, claim=expected.model_copy(update={"ending": True}))

    def given_back(self, name: str, lease: Lease) -> "Claims":
        """Return the slots after that work has ended, whatever came of it; another's lease stays."""
        return self._with(name, work=None) if self.slot(name).work == lease else self

    def deployed(self, name: str, lease: Lease, images: Images) -> "Claims":
        """Return the slots after these images came up. Raises ChangedError where the deploy lost its lease."""
        done = {"deployed": images, "failed": None}
        return self._with(name, claim=self._worked_on(name, lease).model_copy(update=done), work=None)

    def failed(self, name: str, lease: Lease, images: Images) -> "Claims":
        """Return the slots after these images did not come up. Raises ChangedError where the deploy lost its lease."""
        return self._with(name, claim=self._worked_on(name, lease).model_copy(update={"failed": images}), work=None)

    def slept(self, name: str, lease: Lease, renewed_at: datetime) -> "Claims":
        """Return the slots after pods were removed. A claim that was renewed meanwhile is to be awake.

        renewed_at: of the claim when that was decided. Raises ChangedError where it lost its lease.
        """
        claim = self._worked_on(name, lease)
        asleep = claim.renewed_at == renewed_at
        return self._with(name, claim=claim.model_copy(update={"asleep": asleep}), work=None)

    def freed(self, name: str, lease: Lease) -> "Claims":
        """Return the slots without this claim. Raises ChangedError where its release lost its lease."""
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
                f"{name} has changed meanwhile: {claim or 'nobody'} has it; allowed: to run the command again"
            )

    def _claim(self, name: str) -> Claim:
        claim = self.slot(name).claim
        if claim is None:
            raise PreviewError(f"{name} is free; allowed: a slot that a pull request has")
        if claim.ending:
            raise PreviewError(f"{name} is being emptied of {claim}; allowed: to claim again once it is done")
        return claim

    def _with(self, name: str, **fields: object) -> "Claims":
        # Built anew, and so checked: a record that could not be read again is never written.
        return Claims.model_validate({"slots": {**self.slots, name: {**dict(self.slot(name)), **fields}}})


def _lost(name: str, lease: Lease) -> ChangedError:
    return ChangedError(
        f"{name}: somebody else works on it, since the lease of this run ended: {lease}; allowed: to run it again"
    )
