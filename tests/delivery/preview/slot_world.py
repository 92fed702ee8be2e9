"""A simulated slot in its clouds, and the effects of our commands on it.

A run can be killed between any two steps.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from delivery.preview import holder, slot_worker, sweep
from delivery.preview.claims import Claims
from delivery.preview.pull_requests import Unclear
from delivery.preview.slot_worker import SlotWorker
from delivery.recovery.error import RecoveryError
from environments.schema.catalogue import Catalogue
from modules.model.cloud_selection import SETTINGS_VARIABLE
from tests.delivery.preview.memory_s3 import MemoryS3
from tests.delivery.preview.recorded import NOW

# What a deploy makes, in order; the pods come last, and not if it is paused.
PARTS = ("secret", "database", "namespace", "pods")
OBJECTS = "objects in the media bucket"


class KilledError(BaseException):
    """The process was killed; it does nothing more."""


class SlotWorld:
    """The slot preview-1. s3: of the claims. exists: existing objects. known: objects in the state.

    locked_by: the holder of the state lock. data: the build that made the database. running: the build that pods run.
    unclear: why the existing objects are unknown. fails: commands that fail. dies_in: steps until the running process
    is killed; None for never. dead: killed processes.
    """

    def __init__(self, claims: Claims | None = None) -> None:
        self.s3 = MemoryS3(claims)
        self.s3.before = self._step
        self.exists: set[str] = set()
        self.known: set[str] = set()
        self.locked_by: str | None = None
        self.data: str | None = None
        self.running: str | None = None
        self.unclear: str | None = None
        self.fails: set[str] = set()
        self.dies_in: int | None = None
        self.dead: set[str] = set()
        self.commands: list[str] = []

    def worker(self, catalogue: Catalogue, by: str = "first") -> SlotWorker:
        names = SimpleNamespace(media_bucket="media", backups_bucket="backups", state_bucket="state")
        target = SimpleNamespace(environment=catalogue.find("preview-1"), names=names, s3=self, shared=catalogue.shared)
        return SlotWorker(
            target=cast("Any", target),
            catalogue=catalogue,
            store=self.s3.store,
            by=by,
            run=lambda *it: self.run(by, *it),
        )

    def run(self, by: str, words: Sequence[str], variables: Mapping[str, str]) -> int:
        """Simulate one of our commands."""
        assert variables[holder.VARIABLE] == by
        settings = _settings(Path(variables[SETTINGS_VARIABLE]))
        command, paused = words[0], settings["paused"]
        self.commands.append(command)
        if command in self.fails:
            return 1
        if command in ("deploy", "destroy"):
            if self.locked_by not in (None, by):
                return 1
            self.locked_by = by
            parts = PARTS if command == "deploy" else reversed(PARTS)
            for part in parts:
                self._step()
                if command == "deploy" and not (part == "pods" and paused):
                    self._make(part, settings["web"]["image"]["tag"])
                elif part in self.known or (part == "pods" and paused):
                    self._delete(part)
            self.locked_by = None
        if command == "recover":
            if self.locked_by:
                self.release_lock(None, words[words.index("--lock-id") + 1] if "--lock-id" in words else None)
            self.known |= self.exists & set(PARTS)
        if command == "verify":
            wanted = set() if paused else {"pods"}
            return 0 if self.exists >= {*wanted, "secret", "database", "namespace"} else 1
        return 0

    def remains(self, _: object) -> tuple[str, ...] | Unclear:
        self._step()
        return Unclear(reason=self.unclear) if self.unclear else tuple(sorted(self.exists))

    def empty_bucket(self, _: object, bucket: str) -> int:
        self._step()
        found = bucket == "media" and OBJECTS in self.exists
        self.exists -= {OBJECTS} if found else set()
        return int(found)

    def state(self, *_: object, **__: object) -> Any:  # noqa: ANN401 a StoredState
        return SimpleNamespace(ids=self.known)

    def lock(self, _: object) -> Any:  # noqa: ANN401 a StateLock
        return self.locked_by and SimpleNamespace(id=self.locked_by, created=NOW.isoformat())

    def release_lock(self, _: object, given: str | None) -> None:
        if self.locked_by not in self.dead and given != self.locked_by:
            raise RecoveryError(f"the state is locked by {self.locked_by}")
        self.locked_by = None

    def is_gone(self, lease: Any) -> bool:  # noqa: ANN401 a Lease
        return lease.by in self.dead

    @contextmanager
    def killing(self, by: str, after: int) -> Iterator[None]:
        """Kill the process after this many steps, unless it has ended."""
        self.dies_in = after
        try:
            yield
        except KilledError:
            self.dead.add(by)
        finally:
            self.dies_in = None

    @property
    def is_empty(self) -> bool:
        return not (self.exists or self.known or self.locked_by)

    def _step(self) -> None:
        """A point where the process may die; the current step is done but not recorded."""
        if self.dies_in is None:
            return
        if self.dies_in <= 0:
            raise KilledError
        self.dies_in -= 1

    def _make(self, part: str, tag: str) -> None:
        if part == "database" and part not in self.exists:
            self.data = tag
        self.exists.add(part)
        if part == "pods":
            self.running = tag
            self.exists.add(OBJECTS)
        self._step()
        self.known.add(part)

    def _delete(self, part: str) -> None:
        self.exists.discard(part)
        if part == "database":
            self.data = None
        if part == "pods":
            self.running = None
        self._step()
        self.known.discard(part)


def _settings(file: Path) -> dict[str, Any]:
    """The slot's settings document, not validated, because a test runs hundreds of commands."""
    rows: list[dict[str, Any]] = json.loads(file.read_text())["environments"]
    return next(row for row in rows if row["name"] == "preview-1")


def install(world: SlotWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the code under test use this world."""
    for module in (slot_worker, sweep):
        monkeypatch.setattr(module, "remains", world.remains)
    monkeypatch.setattr(slot_worker, "empty_bucket", world.empty_bucket)
    monkeypatch.setattr(slot_worker, "read_lock", world.lock)
    monkeypatch.setattr(slot_worker, "release_lock", world.release_lock)
    monkeypatch.setattr(slot_worker, "StoredState", SimpleNamespace(read=world.state))
    monkeypatch.setattr(holder, "is_gone", world.is_gone)
