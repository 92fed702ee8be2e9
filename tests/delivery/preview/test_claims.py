"""The effects of claims, leases and releases on the slots."""

from collections.abc import Callable

import pytest

from delivery.preview.claims import AllTakenError, ChangedError, Claims, HeldError, Slot
from delivery.preview.error import PreviewError
from delivery.preview.lease import DURATION
from tests.delivery.preview.recorded import HOUR, NOW, REPOSITORY, SLOTS, claim, claims, images, lease, wanted


def test_three_pull_requests_get_three_slots_and_a_fourth_none() -> None:
    slots, names = Claims(), []
    for number in (7, 8, 9):
        slots, name = slots.claimed(wanted(number), SLOTS, NOW)
        names.append(name)
    assert names == list(SLOTS)
    with pytest.raises(AllTakenError, match="#10: no slot is free"):
        slots.claimed(wanted(10), SLOTS, NOW)


def test_a_push_renews_the_claim_with_its_images_and_wakes_it() -> None:
    before = claims(preview_2=Slot(claim=claim(7, asleep=True)))
    after, name = before.claimed(wanted(7, build=2), SLOTS, NOW + HOUR)
    assert name == "preview-2"
    expected = claim(7, images=images(2), renewed_at=NOW + HOUR)
    assert after == claims(preview_2=Slot(claim=expected))


def test_a_pull_request_reopened_during_its_release_gets_another_slot() -> None:
    ending = claims(preview_1=Slot(claim=claim(7, ending=True), work=lease("release")))
    slots, name = ending.claimed(wanted(7), SLOTS, NOW)
    assert name == "preview-2"
    assert slots.slot("preview-1") == ending.slot("preview-1")
    assert slots.slot_of(REPOSITORY, 7) == "preview-2"
    with pytest.raises(AllTakenError):
        ending.claimed(wanted(7), ["preview-1"], NOW)


def test_a_slot_that_is_being_emptied_without_a_claim_is_not_free() -> None:
    held = claims(preview_1=Slot(work=lease("release")))
    assert held.claimed(wanted(7), SLOTS, NOW)[1] == "preview-2"
    assert held.claimed(wanted(7), SLOTS, NOW + DURATION)[1] == "preview-1"
    assert held.claimed(wanted(7), SLOTS, NOW, is_gone=lambda _: True)[1] == "preview-1"


def test_a_claim_of_a_removed_slot_is_not_renewed() -> None:
    old = claims(preview_9=Slot(claim=claim(7)))
    assert old.claimed(wanted(7), SLOTS, NOW)[1] == "preview-1"


def test_only_one_run_at_a_time_holds_a_slots_lease() -> None:
    held = claims(preview_1=Slot(claim=claim(), work=lease("deploy", by="somebody")))
    mine = lease("release", by="me").model_copy(update={"until": NOW + 2 * DURATION})
    with pytest.raises(HeldError, match="preview-1 is held: deploy by somebody until 2026-11-30 12:45 UTC"):
        held.taken("preview-1", mine, NOW, expected=claim())
    assert held.taken("preview-1", mine, NOW + DURATION, expected=claim()).slot("preview-1").work == mine
    assert held.taken("preview-1", mine, NOW, expected=claim(), is_gone=lambda _: True).slot("preview-1").work == mine


def test_a_run_continues_under_its_own_lease() -> None:
    held = claims(preview_1=Slot(claim=claim(), work=lease("deploy")))
    assert held.taken("preview-1", lease("sleep"), NOW, expected=claim()).slot("preview-1").work == lease("sleep")


def test_a_decision_for_one_claim_is_not_applied_to_another() -> None:
    for slot in (Slot(claim=claim(8)), Slot(claim=claim(7, renewed_at=NOW + HOUR)), Slot()):
        with pytest.raises(ChangedError, match="has changed meanwhile"):
            claims(preview_1=slot).taken("preview-1", lease("release"), NOW, expected=claim(7))


def test_a_claim_is_ending_once_its_release_has_begun() -> None:
    begun = claims(preview_1=Slot(claim=claim())).taken("preview-1", lease("release"), NOW, expected=claim())
    assert begun.slot("preview-1") == Slot(claim=claim(ending=True), work=lease("release"))
    broken_off = begun.given_back("preview-1", lease("release"))
    assert broken_off.slot("preview-1") == Slot(claim=claim(ending=True))
    with pytest.raises(PreviewError, match="is being emptied of"):
        broken_off.extended("preview-1", NOW)
    assert begun.freed("preview-1", lease("release")).slot("preview-1") == Slot()


def test_a_run_that_lost_its_lease_changes_nothing() -> None:
    others = claims(preview_1=Slot(claim=claim(), work=lease("deploy", by="somebody")))
    mine = lease("release", by="me")
    assert others.given_back("preview-1", mine) == others
    changes: list[Callable[[], Claims]] = [
        lambda: others.freed("preview-1", mine),
        lambda: others.deployed("preview-1", mine, images()),
        lambda: others.failed("preview-1", mine, images()),
        lambda: others.slept("preview-1", mine, NOW),
    ]
    for change in changes:
        with pytest.raises(ChangedError, match="another run works on it"):
            change()


def test_a_claim_renewed_while_it_is_put_to_sleep_stays_awake() -> None:
    asleep = claims(preview_1=Slot(claim=claim(), work=lease("sleep"))).slept("preview-1", lease("sleep"), NOW)
    assert asleep.slot("preview-1") == Slot(claim=claim(asleep=True))
    renewed = claim(renewed_at=NOW + HOUR)
    awake = claims(preview_1=Slot(claim=renewed, work=lease("sleep"))).slept("preview-1", lease("sleep"), NOW)
    assert awake.slot("preview-1") == Slot(claim=renewed)


def test_a_push_during_a_deploy_keeps_the_record_of_the_deployed_images() -> None:
    pushed = claim(images=images(2), deployed=None)
    after = claims(preview_1=Slot(claim=pushed, work=lease())).deployed("preview-1", lease(), images(1))
    assert after.slot("preview-1") == Slot(claim=claim(images=images(2), deployed=images(1)))


@pytest.mark.parametrize(
    ("slots", "said"),
    [
        (Claims(), f"{REPOSITORY}#7 has no preview; allowed: claim one"),
        (claims(preview_1=Slot(claim=claim(7, ending=True))), f"{REPOSITORY}#7: preview-1 is being emptied"),
    ],
)
def test_a_pull_request_without_a_slot_is_reported(slots: Claims, said: str) -> None:
    with pytest.raises(PreviewError, match=said):
        slots.slot_of(REPOSITORY, 7)


def test_extending_a_free_slot_is_refused() -> None:
    with pytest.raises(PreviewError, match="preview-1 is free"):
        Claims().extended("preview-1", NOW)
