"""A slot's deploy, sleep and release can be interrupted anywhere; another run continues them."""

from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest

from delivery.preview import lost_revision, slot_worker
from delivery.preview.claims import ChangedError, HeldError, Slot
from delivery.preview.error import PreviewError
from delivery.preview.slot_worker import SlotWorker
from environments.schema.base import Settings
from environments.schema.document import DocumentCatalogue, SettingsDocument
from tests.delivery.preview.recorded import CATALOGUE, HOUR, NOW, REPOSITORY, claim, claims, images, lease, wanted
from tests.delivery.preview.slot_world import OBJECTS, PARTS, SlotWorld, install

FREE = Slot()
RUNNING = {*PARTS, OBJECTS}


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> SlotWorld:
    world = SlotWorld(claims(preview_1=Slot(claim=claim(deployed=None))))
    install(world, monkeypatch)
    return world


def running(monkeypatch: pytest.MonkeyPatch, **fields: object) -> SlotWorld:
    """A world whose slot was deployed for pull request 7, with other fields in its claim."""
    world = SlotWorld(claims(preview_1=Slot(claim=claim(deployed=None))))
    install(world, monkeypatch)
    world.worker(CATALOGUE, by="earlier").deploy()
    world.s3.body = claims(preview_1=Slot(claim=claim(**fields))).model_dump_json().encode()
    return world


def test_a_deploy_runs_exactly_the_claims_images(world: SlotWorld, capsys: pytest.CaptureFixture[str]) -> None:
    world.worker(CATALOGUE).deploy()
    assert (world.running, world.exists, world.locked_by) == ("pr-1", RUNNING, None)
    assert world.commands == ["deploy", "verify"]
    assert world.s3.claims == claims(preview_1=Slot(claim=claim()))
    assert capsys.readouterr().out.splitlines()[-2:] == [
        "preview-1: https://preview-1.mosaiclife.me",
        "preview-1: https://preview-1-api.mosaiclife.me",
    ]


@pytest.mark.parametrize(("on_push", "data"), [("keep", "pr-1"), ("anew", "pr-2")])
def test_a_push_keeps_or_recreates_the_database(monkeypatch: pytest.MonkeyPatch, on_push: str, data: str) -> None:
    world = running(monkeypatch, images=images(2))
    previews = CATALOGUE.shared.previews
    assert isinstance(previews, Settings)
    shared = CATALOGUE.shared.changed({"previews": previews.changed({"database_on_push": on_push})})
    catalogue = DocumentCatalogue(SettingsDocument(shared=shared, environments=CATALOGUE.load()))
    world.worker(catalogue).deploy()
    assert (world.running, world.data) == ("pr-2", data)


def test_a_database_at_a_missing_revision_is_recreated(monkeypatch: pytest.MonkeyPatch) -> None:
    world = running(monkeypatch, images=images(2))
    world.fails = {"deploy"}

    def lost(*_: object) -> bool:
        world.fails = set()
        return True

    monkeypatch.setattr(lost_revision, "is_lost", lost)
    world.worker(CATALOGUE).deploy()
    assert (world.running, world.data) == ("pr-2", "pr-2")


@pytest.mark.parametrize("command", ["deploy", "verify"])
def test_a_failed_deploy_is_recorded_and_keeps_its_data(monkeypatch: pytest.MonkeyPatch, command: str) -> None:
    world = running(monkeypatch, images=images(2))
    world.fails = {command}
    monkeypatch.setattr(lost_revision, "is_lost", lambda *_: False)
    with pytest.raises(PreviewError, match="preview-1: mosaic-stories/mosaic-life#7 did not come up: exit code 1"):
        world.worker(CATALOGUE).deploy()
    assert world.s3.claims.slot("preview-1") == Slot(claim=claim(images=images(2), failed=images(2)))
    assert world.data == "pr-1"


def test_another_claims_leftovers_are_deleted_before_the_first_deploy(world: SlotWorld) -> None:
    """An orphaned process of a killed run may have made it."""
    world.exists, world.known, world.data = {*PARTS, OBJECTS}, {"database"}, "another's"
    world.worker(CATALOGUE).deploy()
    assert (world.running, world.data) == ("pr-1", "pr-1")


def test_a_sleeping_preview_has_no_pods_but_keeps_its_data(monkeypatch: pytest.MonkeyPatch) -> None:
    world = running(monkeypatch)
    world.worker(CATALOGUE).sleep(world.s3.claims.slot("preview-1"))
    assert world.exists == RUNNING - {"pods"}
    assert world.s3.claims.slot("preview-1") == Slot(claim=claim(asleep=True))
    # A deploy keeps it asleep until it is renewed.
    world.worker(CATALOGUE).deploy()
    assert "pods" not in world.exists
    world.s3.store.update(lambda claims, now: claims.extended("preview-1", now))
    world.worker(CATALOGUE).deploy()
    assert (world.running, world.data) == ("pr-1", "pr-1")


def test_a_release_leaves_nothing_and_frees_the_slot(monkeypatch: pytest.MonkeyPatch) -> None:
    world = running(monkeypatch)
    world.worker(CATALOGUE).release()
    assert world.is_empty
    assert world.s3.claims.slot("preview-1") == FREE
    world.commands.clear()
    world.worker(CATALOGUE).release()
    assert world.commands == [], "nothing is there that could be destroyed"


Act = Callable[[SlotWorker], None]


@pytest.mark.parametrize("second", [SlotWorker.deploy, SlotWorker.release], ids=["deploy", "release"])
@pytest.mark.parametrize(
    "first",
    [SlotWorker.deploy, lambda worker: worker.sleep(worker.store.read().claims.slot("preview-1")), SlotWorker.release],
    ids=["deploy", "sleep", "release"],
)
@pytest.mark.parametrize("before", ["claimed", "running"])
def test_a_run_killed_at_any_step_can_be_continued(
    monkeypatch: pytest.MonkeyPatch, before: str, first: Act, second: Act
) -> None:
    for step in count():
        if before == "running":
            world = running(monkeypatch, images=images(2))
        else:
            world = SlotWorld(claims(preview_1=Slot(claim=claim(images=images(2), deployed=None))))
            install(world, monkeypatch)
        data = world.data
        with world.killing("first", after=step):
            first(world.worker(CATALOGUE))
        slot = world.s3.claims.slot("preview-1")
        assert slot.claim or world.is_empty, f"killed at {step}, the slot was free with {world.exists}"
        if second is SlotWorker.release:
            world.worker(CATALOGUE, by="second").release()
            assert world.is_empty, f"killed at {step}, the release left {world.exists}"
            assert world.s3.claims.slot("preview-1") == FREE
        elif slot.claim is None or slot.claim.ending:
            with pytest.raises(PreviewError, match=r"allowed: claim it first|is being emptied of"):
                world.worker(CATALOGUE, by="second").deploy()
        else:
            world.s3.store.update(lambda claims, now: claims.extended("preview-1", now))
            world.worker(CATALOGUE, by="second").deploy()
            assert (world.running, world.exists, world.known) == ("pr-2", RUNNING, set(PARTS)), f"killed at {step}"
            assert data in (None, world.data), f"killed at {step}, the data were lost"
        if not world.dead:
            assert step > 3
            break


def test_a_claim_after_a_release_starts_clean_even_if_the_previous_run_was_killed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for step in count():
        world = running(monkeypatch)
        with world.killing("first", after=step):
            world.worker(CATALOGUE).release()
        world.worker(CATALOGUE, by="second").release()
        world.s3.store.update(lambda claims, now: claims.claimed(wanted(8, build=2), ["preview-1"], now)[0])
        world.worker(CATALOGUE, by="second").deploy()
        assert (world.running, world.data) == ("pr-2", "pr-2")
        if not world.dead:
            break


def test_work_on_a_leased_slot_is_not_started(monkeypatch: pytest.MonkeyPatch) -> None:
    world = running(monkeypatch)
    held = claims(preview_1=Slot(claim=claim(), work=lease("sleep", by="somebody")))
    world.s3.body = held.model_dump_json().encode()
    world.commands.clear()
    for act in (SlotWorker.deploy, SlotWorker.release, lambda worker: worker.sleep(held.slot("preview-1"))):
        with pytest.raises(HeldError, match="preview-1 is held: sleep by somebody until 2026-11-30 12:45 UTC"):
            act(world.worker(CATALOGUE))
    assert (world.commands, world.s3.claims) == ([], held)


def test_a_release_decided_before_a_push_does_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    world = running(monkeypatch)
    decided = world.s3.claims.slot("preview-1")
    world.s3.now = NOW + HOUR
    world.s3.store.update(lambda claims, now: claims.claimed(wanted(7), ["preview-1"], now)[0])
    with pytest.raises(ChangedError):
        world.worker(CATALOGUE).release(decided)
    assert world.running == "pr-1"


def test_a_slot_is_not_freed_while_its_content_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    world = running(monkeypatch)
    world.unclear = "the API server does not answer"
    with pytest.raises(PreviewError, match="cannot tell what exists: the API server does not answer"):
        world.worker(CATALOGUE).release()
    assert world.s3.claims.slot("preview-1") == Slot(claim=claim(ending=True))
    assert world.running == "pr-1"


def test_a_release_that_cannot_destroy_keeps_the_slot_and_lists_the_remains(monkeypatch: pytest.MonkeyPatch) -> None:
    world = running(monkeypatch)
    world.fails = {"destroy"}
    with pytest.raises(PreviewError, match="preview-1: destroy preview-1 --auto-approve ended with exit code 1"):
        world.worker(CATALOGUE).release()
    world.fails = set()
    monkeypatch.setattr(slot_worker, "empty_bucket", lambda *_: 0)
    with pytest.raises(PreviewError, match=f"preview-1 is not empty: {OBJECTS}; allowed: run it again"):
        world.worker(CATALOGUE).release()
    assert world.s3.claims.slot("preview-1") == Slot(claim=claim(ending=True))


def test_another_machines_lock_is_released_once_its_lease_has_expired(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = running(monkeypatch)
    world.locked_by = "a runner"
    with pytest.raises(PreviewError, match="the state is locked by a runner"):
        world.worker(CATALOGUE).release()
    world.s3.now = NOW + HOUR
    world.worker(CATALOGUE).release()
    assert world.is_empty


def test_an_argocd_delivery_needs_the_checkout_of_its_values(world: SlotWorld) -> None:
    with pytest.raises(PreviewError, match='delivery="terraform"; allowed: no --gitops') as error:
        world.worker(CATALOGUE).deploy(gitops=Path("checkout"))
    assert error.value.unusable


def test_a_free_slot_is_not_deployed(world: SlotWorld) -> None:
    world.s3.body = None
    with pytest.raises(PreviewError, match="preview-1 is free, so there is nothing to deploy"):
        world.worker(CATALOGUE).deploy()
    assert world.s3.claims.slot("preview-1") == FREE
    assert list(world.s3.claims.of(REPOSITORY, 7)) == []
