"""Deploys one slot, puts it to sleep and empties it, each under the slot's lease."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from delivery.account.error import CheckError
from delivery.account.reason import reason
from delivery.account.target import Target
from delivery.preview import holder, lost_revision, own_command
from delivery.preview.bucket_emptying import empty_bucket
from delivery.preview.claim import Claim
from delivery.preview.claim_store import ClaimStore
from delivery.preview.claims import Claims, Slot
from delivery.preview.error import PreviewError
from delivery.preview.lease import DURATION, Lease, What
from delivery.preview.pull_requests import Unclear
from delivery.preview.remains import remains
from delivery.preview.slot_settings import of_claim, settings_file
from delivery.recovery.error import RecoveryError
from delivery.recovery.lock_release import read_lock, release_lock
from delivery.recovery.stored_state import StoredState
from environments.schema.catalogue import Catalogue
from environments.schema.settings import Environment
from modules.model.cloud_selection import SETTINGS_VARIABLE
from modules.model.names import state_key


@dataclass(frozen=True, kw_only=True)
class _Work:
    """The situation when the lease was taken. left_over: an earlier run died at work."""

    lease: Lease
    claim: Claim | None
    left_over: bool
    now: datetime


@dataclass(frozen=True, kw_only=True)
class SlotWorker:
    """One slot. Every method raises PreviewError if it did not finish, and then can be run again.

    target: the slot with the settings of an unclaimed one. catalogue: all settings. by: the name on its leases. run:
    runs a command of this project.
    """

    target: Target
    catalogue: Catalogue
    store: ClaimStore
    by: str = field(default_factory=holder.own_name)
    run: own_command.Run = own_command.run

    @property
    def name(self) -> str:
        """The name of the slot and of its environment."""
        return self.target.environment.name

    def deploy(self, decided: Slot | None = None, *, gitops: Path | None = None) -> None:
        """Deploy the slot's claim and verify it. The first deploy of a claim empties the slot before.

        decided: the slot when the deploy was decided; None to use the current one. gitops: the checkout of Argo CD's
        values to write; required if Argo CD delivers.
        """
        if (self.target.environment.delivery == "argocd") != (gitops is not None):
            allowed = "--gitops DIR, a checkout of the GitOps repository" if gitops is None else "no --gitops"
            raise PreviewError(
                f'{self.name} has delivery="{self.target.environment.delivery}"; allowed: {allowed}', unusable=True
            )
        with self._working("deploy", decided) as work:
            claim = self._claimed(work)
            changed = of_claim(self.target.environment, claim, paused=claim.asleep)
            if claim.deployed is None or (self._anew_on_push and claim.deployed != claim.images):
                self._empty(work, changed)
            elif work.left_over or self._is_locked:
                self._recover(work, changed)
            if gitops:
                self._expect(changed, "gitops", self.name, "--out", str(gitops))
            code = self._command(changed, "deploy", self.name, "--auto-approve")
            if code and self._has_lost_its_revision(changed):
                print(f"{self.name}: the new images do not know the revision of its database", flush=True)
                self._empty(work, changed)
                code = self._command(changed, "deploy", self.name, "--auto-approve")
            if code := code or self._command(changed, "verify", self.name):
                self.store.update(lambda claims, _: claims.failed(self.name, work.lease, claim.images))
                raise PreviewError(f"{self.name}: {claim} did not come up: exit code {code}")
            self.store.update(lambda claims, _: claims.deployed(self.name, work.lease, claim.images))
        say = f"{self.name}: {claim} is deployed: {claim.images}"
        print(f"{say}; asleep, extend wakes it" if claim.asleep else say, flush=True)
        for host in self.target.environment.hosts:
            print(f"{self.name}: https://{host}", flush=True)

    def sleep(self, decided: Slot) -> None:
        """Remove the pods; data, secrets and everything else stay."""
        with self._working("sleep", decided) as work:
            claim = self._claimed(work)
            changed = of_claim(self.target.environment, claim, paused=True)
            if work.left_over or self._is_locked:
                self._recover(work, changed)
            self._expect(changed, "deploy", self.name, "--auto-approve")
            self.store.update(lambda claims, _: claims.slept(self.name, work.lease, claim.renewed_at))
        print(f"{self.name}: {claim} is asleep", flush=True)

    def release(self, decided: Slot | None = None) -> None:
        """Delete everything in the slot except what bootstrap created, and only then free it.

        decided: as for ``deploy``. An unclaimed slot is emptied in the same way.
        """
        with self._working("release", decided) as work:
            changed = of_claim(self.target.environment, work.claim, paused=False) if work.claim else None
            self._empty(work, changed or self.target.environment)
            self.store.update(lambda claims, _: claims.freed(self.name, work.lease))
        print(f"{self.name}: {work.claim or 'nobody'} had it; it is empty and free", flush=True)

    @contextmanager
    def _working(self, what: What, decided: Slot | None) -> Iterator[_Work]:
        """Hold the slot's lease for the duration of the context."""
        begun: list[_Work] = []

        def take(claims: Claims, now: datetime) -> Claims:
            slot = claims.slot(self.name)
            lease = Lease(what=what, by=self.by, until=now + DURATION)
            expected = slot.claim if decided is None else decided.claim
            taken = claims.taken(self.name, lease, now, expected=expected, is_gone=holder.is_gone)
            begun[:] = [_Work(lease=lease, claim=slot.claim, left_over=slot.work is not None, now=now)]
            return taken

        self.store.update(take)
        (work,) = begun
        try:
            yield work
        except (BotoCoreError, ClientError) as error:
            raise PreviewError(f"{self.name}: {reason(error)}") from None
        except RecoveryError as error:
            raise PreviewError(f"{self.name}: {error}") from None
        finally:
            self._give_back(work.lease)

    def _give_back(self, lease: Lease) -> None:
        try:
            self.store.update(lambda claims, _: claims.given_back(self.name, lease))
        except PreviewError as error:
            # The caller must see the earlier error; the lease expires by itself.
            print(f"note: {self.name}: the lease could not be released and expires by itself: {error}", flush=True)

    def _claimed(self, work: _Work) -> Claim:
        if work.claim is None:
            raise PreviewError(
                f"{self.name} is free, so there is nothing to deploy; allowed: claim it first "
                "(python -m delivery preview claim)"
            )
        if work.claim.ending:
            raise PreviewError(
                f"{self.name} is being emptied of {work.claim}; allowed: finish that first "
                f"(python -m delivery preview release {self.name})"
            )
        return work.claim

    def _empty(self, work: _Work, changed: Environment) -> None:
        """Delete all that exists of the slot. Raises PreviewError, naming what is left."""
        for known in (True, False):
            self._release_lock(work)
            left = self._remains()
            if not left:
                return
            print(f"{self.name}: to be deleted: {', '.join(left)}", flush=True)
            if not known:
                # A killed run created it and did not store it in the state.
                self._recover(work, changed)
            if self._state_knows_anything:
                self._expect(changed, "destroy", self.name, "--auto-approve")
            for bucket in (self.target.names.media_bucket, self.target.names.backups_bucket):
                if deleted := empty_bucket(self.target.s3, bucket):
                    print(f"{self.name}: deleted {deleted} versions and uploads of {bucket}", flush=True)
        if left := self._remains():
            raise PreviewError(
                f"{self.name} is not empty: {', '.join(left)}; allowed: run it again "
                f"(python -m delivery preview release {self.name})"
            )

    def _remains(self) -> tuple[str, ...]:
        found = remains(self.target)
        if isinstance(found, Unclear):
            raise PreviewError(f"{self.name}: cannot tell what exists: {found.reason}")
        return found

    @property
    def _state_knows_anything(self) -> bool:
        state = {"bucket": self.target.names.state_bucket, "key": state_key(self.name)}
        return bool(StoredState.read(self.target.s3, **state).ids)

    @property
    def _is_locked(self) -> bool:
        return read_lock(self.target) is not None

    def _release_lock(self, work: _Work) -> None:
        if self._is_locked:
            release_lock(self.target, self._dead_lock(work))

    def _dead_lock(self, work: _Work) -> str | None:
        """The id of the state's lock, if the lock is older than any run that may still be alive; None otherwise."""
        lock = read_lock(self.target)
        if lock is None or datetime.fromisoformat(lock.created) + DURATION > work.now:
            return None
        return lock.id

    def _recover(self, work: _Work, changed: Environment) -> None:
        dead = self._dead_lock(work)
        self._expect(changed, "recover", self.name, "--auto-approve", *(["--lock-id", dead] if dead else []))

    def _has_lost_its_revision(self, changed: Environment) -> bool:
        try:
            return lost_revision.is_lost(self.target, changed)
        except CheckError as error:
            print(f"note: {self.name}: cannot tell why the deploy failed: {error}", flush=True)
            return False

    @property
    def _anew_on_push(self) -> bool:
        previews = self.catalogue.shared.previews
        return previews is not None and previews.database_on_push == "anew"

    def _command(self, changed: Environment, *words: str) -> int:
        """Run a command of this project with these settings of the slot, and return its exit code."""
        with settings_file(self.catalogue, changed) as settings:
            return self.run(words, {SETTINGS_VARIABLE: str(settings), holder.VARIABLE: self.by})

    def _expect(self, changed: Environment, *words: str) -> None:
        if code := self._command(changed, *words):
            raise PreviewError(f"{self.name}: {' '.join(words)} ended with exit code {code}")
