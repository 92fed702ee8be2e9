"""A sweep's actions and output for each slot."""

from datetime import timedelta
from typing import Any

import pytest

from delivery.preview import slot_worker
from delivery.preview.claims import Claims, Slot
from delivery.preview.pull_requests import Open, Over, Refused, Unclear
from delivery.preview.slot_worker import SlotWorker
from delivery.preview.sweep import Sweep
from tests.delivery.preview.recorded import CATALOGUE, HOUR, NOW, PREVIEWS, REPOSITORY, claim, claims, images, wanted
from tests.delivery.preview.slot_world import OBJECTS, PARTS, SlotWorld, install

CLOSED = Over(reason="it was closed")


class PullRequestsStandIn:
    """GitHub's answers. before: called before each one, to simulate concurrent events."""

    def __init__(self, state: Open | Over | Unclear, labelled: tuple[int, ...] | Unclear = (7,)) -> None:
        self._state = state
        self._labelled = labelled
        self.before: Any = lambda: None

    def state(self, repository: str, number: int) -> Open | Over | Unclear:
        assert (repository, number) == (REPOSITORY, 7)
        self.before()
        return self._state

    def labelled(self, repository: str) -> tuple[int, ...] | Unclear:
        assert repository == REPOSITORY
        return self._labelled

    def refusal(self, *asked: object) -> Refused | Unclear | None:
        raise AssertionError(f"a sweep claims nothing, and asks about {asked}")


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> SlotWorld:
    """A slot that was deployed for pull request 7."""
    world = SlotWorld(claims(preview_1=Slot(claim=claim(deployed=None))))
    install(world, monkeypatch)
    world.worker(CATALOGUE, by="earlier").deploy()
    world.commands.clear()
    return world


def sweep(
    world: SlotWorld, pull_requests: PullRequestsStandIn | None = None, by: str = "sweep", **fields: object
) -> bool:
    values: dict[str, Any] = {
        "workers": [world.worker(CATALOGUE, by=by)],
        "machine_time": world.s3.now,
        **fields,
    }
    return Sweep(previews=PREVIEWS, store=world.s3.store, pull_requests=pull_requests, **values).run()


def test_an_idle_system_is_not_changed(world: SlotWorld, capsys: pytest.CaptureFixture[str]) -> None:
    body = world.s3.body
    capsys.readouterr()
    assert sweep(world, PullRequestsStandIn(Open()))
    assert (world.s3.body, world.commands) == (body, [])
    assert capsys.readouterr().out == (
        f"preview-1: keep: {REPOSITORY}#7, sleeps at 2026-12-01 00:00 UTC, ends at 2026-12-05 12:00 UTC\n"
    )


def test_a_sweep_makes_up_for_a_lost_close_event(world: SlotWorld) -> None:
    assert sweep(world, PullRequestsStandIn(CLOSED, labelled=()))
    assert world.is_empty
    assert world.s3.claims.slot("preview-1") == Slot()


def test_an_old_preview_is_put_to_sleep_and_later_ended(world: SlotWorld) -> None:
    for hours, exists in ((11, True), (12, True), (119, True), (120, False)):
        world.s3.now = NOW + hours * HOUR
        assert sweep(world)
        assert ("pods" in world.exists) is (hours < 12)
        assert ("database" in world.exists) is exists
    assert world.commands == ["deploy", "destroy"]


@pytest.mark.parametrize("off", [timedelta(days=400), timedelta(days=-400), timedelta(minutes=6)])
def test_a_clock_jump_ends_nothing_and_is_reported(
    world: SlotWorld, capsys: pytest.CaptureFixture[str], off: timedelta
) -> None:
    for now, machine in ((NOW + off, NOW), (NOW, NOW + off)):
        world.s3.now = now
        assert not sweep(world, PullRequestsStandIn(Open()), machine_time=machine)
        assert "S3's clock says" in capsys.readouterr().out
    assert world.exists >= set(PARTS)
    assert world.commands == []


def test_missing_github_answers_end_nothing(world: SlotWorld, capsys: pytest.CaptureFixture[str]) -> None:
    world.s3.now = NOW + 1000 * HOUR
    silent = Unclear(reason="GitHub: GET /repos/mosaic-stories/mosaic-life/pulls/7: 404: Not Found")
    assert not sweep(world, PullRequestsStandIn(silent, labelled=silent))
    said = capsys.readouterr().out
    assert f"preview-1: report: cannot tell whether {REPOSITORY}#7 is open: {silent.reason}" in said
    assert f"report: cannot tell which pull requests have the label: {silent.reason}" in said
    assert world.exists >= set(PARTS)
    assert world.commands == []


def test_objects_without_a_claim_are_deleted(world: SlotWorld) -> None:
    world.s3.body = None
    assert sweep(world)
    assert world.is_empty


def test_an_unresponsive_slot_is_reported_and_the_others_are_swept(
    world: SlotWorld, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked: list[object] = []

    def once(target: object) -> tuple[str, ...] | Unclear:
        asked.append(target)
        return Unclear(reason="the server is away") if len(asked) == 1 else world.remains(target)

    monkeypatch.setattr("delivery.preview.sweep.remains", once)
    worker = world.worker(CATALOGUE, by="sweep")
    assert not sweep(world, PullRequestsStandIn(CLOSED, labelled=()), workers=[worker, worker])
    assert "preview-1: report: cannot tell what exists: the server is away" in capsys.readouterr().out
    assert world.is_empty


def test_labelled_pull_requests_and_claims_without_a_slot_are_reported(
    world: SlotWorld, capsys: pytest.CaptureFixture[str]
) -> None:
    more = {**world.s3.claims.slots, "preview-4": Slot(claim=claim(9))}
    world.s3.body = Claims(slots=more).model_dump_json().encode()
    assert not sweep(world, PullRequestsStandIn(Open(), labelled=(7, 8, 9)))
    said = capsys.readouterr().out
    assert f"{REPOSITORY}#8 has the label but no preview\n" in said
    assert "#7 has the label" not in said
    assert f"preview-4: report: {REPOSITORY}#9 has it, but there are only 3 slots; allowed: release it before" in said


def test_a_dry_run_does_nothing(world: SlotWorld, capsys: pytest.CaptureFixture[str]) -> None:
    assert sweep(world, PullRequestsStandIn(CLOSED), act=False)
    assert f"preview-1: release: {REPOSITORY}#7: it was closed" in capsys.readouterr().out
    assert world.commands == []


def test_a_push_while_the_sweep_decides_keeps_the_preview(
    world: SlotWorld, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """For example, the pull request was reopened."""
    stand_in = PullRequestsStandIn(CLOSED)
    store = world.s3.store

    def meanwhile() -> None:
        world.s3.now = NOW + HOUR

    stand_in.before = meanwhile
    worker = world.worker(CATALOGUE, by="sweep")
    release = SlotWorker.release

    def late(worker: SlotWorker, decided: Slot) -> None:
        store.update(lambda found, now: found.claimed(wanted(7, build=2), ["preview-1"], now)[0])
        release(worker, decided)

    monkeypatch.setattr(SlotWorker, "release", late)
    assert sweep(world, stand_in, workers=[worker])
    assert "preview-1: keep: preview-1 has changed meanwhile" in capsys.readouterr().out
    assert world.exists >= set(PARTS)
    assert world.s3.claims.slot("preview-1") == Slot(claim=claim(images=images(2), renewed_at=NOW + HOUR))


def test_two_sweeps_at_once_release_once(
    world: SlotWorld, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    other: list[bool] = []

    def meanwhile(_: object, __: str) -> int:
        if not other:
            other.append(sweep(world, PullRequestsStandIn(CLOSED, labelled=()), by="other"))
        world.exists.discard(OBJECTS)
        return 1

    monkeypatch.setattr(slot_worker, "empty_bucket", meanwhile)
    assert sweep(world, PullRequestsStandIn(CLOSED, labelled=()))
    assert other == [True]
    assert "preview-1: keep: held: release by sweep until" in capsys.readouterr().out
    assert world.commands == ["destroy"]
    assert world.is_empty


@pytest.mark.parametrize("pull_request", [Open(), CLOSED], ids=["open", "closed"])
@pytest.mark.parametrize("what", ["deploy", "release", "sleep"])
def test_one_sweep_recovers_from_a_run_killed_at_any_step(
    monkeypatch: pytest.MonkeyPatch, what: str, pull_request: Open | Over
) -> None:
    for step in range(40):
        world = SlotWorld(claims(preview_1=Slot(claim=claim(deployed=None))))
        install(world, monkeypatch)
        worker = world.worker(CATALOGUE, by="first")
        if what != "deploy":
            world.worker(CATALOGUE, by="earlier").deploy()
        slot = world.s3.claims.slot("preview-1")
        with world.killing("first", after=step):
            worker.sleep(slot) if what == "sleep" else getattr(worker, what)()
        world.s3.now = NOW + HOUR
        assert sweep(world, PullRequestsStandIn(pull_request))
        left = world.s3.claims.slot("preview-1")
        if left.claim is None:
            assert world.is_empty, f"killed at {step}"
            assert pull_request == CLOSED or what == "release"
        else:
            assert left.work is None, f"killed at {step}"
            assert world.exists >= ({*PARTS} - {"pods"} if left.claim.asleep else {*PARTS})
        if not world.dead:
            break


def test_a_failed_release_is_reported(world: SlotWorld, capsys: pytest.CaptureFixture[str]) -> None:
    world.fails = {"destroy"}
    assert not sweep(world, PullRequestsStandIn(CLOSED))
    assert "preview-1: report: preview-1: destroy preview-1 --auto-approve ended with exit code 1" in (
        capsys.readouterr().out
    )
    assert world.s3.claims.slot("preview-1").claim == claim(ending=True)
