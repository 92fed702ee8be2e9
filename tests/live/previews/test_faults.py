"""Runs that are killed, events that are lost and answers that do not come: what is claimed stays, what is over goes."""

import pytest

from delivery.preview.claims import Slot
from tests.live.previews.account_inventory import account_inventory
from tests.live.previews.conftest import BUILD
from tests.live.previews.github_of_application import application
from tests.live.previews.occupied_slots import OccupiedSlots
from tests.live.previews.preview_commands import REPOSITORY
from tests.live.waiting import CONTROLLER_SECONDS, wait_until

pytestmark = pytest.mark.promise("Previews")


def test_a_pull_request_that_github_does_not_find_keeps_its_preview(occupied: OccupiedSlots) -> None:
    """A pull request that GitHub does not find keeps its preview: a token that may not read gets the same answer."""
    before = occupied.commands.claims
    with application() as github:
        swept = occupied.commands.run("sweep", "--github", **github.variables()).expect(1)
    for slot, number in occupied.requests.items():
        swept.says(f"{slot}: report: whether {REPOSITORY}#{number} is open is not known: ")
    assert occupied.commands.claims == before


def test_a_deploy_that_was_killed_and_whose_close_event_was_lost_leaves_nothing(occupied: OccupiedSlots) -> None:
    """One sweep deletes what a killed deploy has made and not stored: its pull request is closed, and nobody said so."""
    previews, slot = occupied.commands, occupied.third
    before = account_inventory(previews.project)
    previews.killed("deploy", slot, said=r"kubernetes_namespace_v1\.\w+.*Creating")
    found = previews.claims.slot(slot)
    assert found.work, "the killed run has given its lease back"
    assert account_inventory(previews.project) > before
    states = {f"_{number}": "open" for number in occupied.requests.values()}
    with application(**{**states, f"_{occupied.requests[slot]}": "closed"}) as github:
        swept = previews.run("sweep", slot, "--github", output=slot, **github.variables())
    swept.expect(0).says(f"{slot}: release: ").says(f"{slot}: {found.claim} had it; it is empty and free")
    assert previews.claims.slot(slot) == Slot()
    wait_until(
        lambda: account_inventory(previews.project) == before,
        "only the third slot's is gone",
        seconds=CONTROLLER_SECONDS,
    )


def test_a_release_that_was_killed_keeps_its_slot_until_it_is_done(occupied: OccupiedSlots) -> None:
    """A release that was killed keeps its slot until it is done; its pull request, opened again, gets another one."""
    previews, slot, number = occupied.commands, occupied.second, occupied.requests[occupied.second]
    previews.killed("release", slot, said=r"Destruction complete|Destroying")
    assert (claim := previews.claims.slot(slot).claim)
    assert claim.ending
    previews.claim(number, BUILD).expect(0).says(f"{occupied.third}: claimed by {REPOSITORY}#{number}")
    previews.run("deploy", slot, output=slot).expect(1).says(f"{slot} is being emptied of {REPOSITORY}#{number}")
    # The other slot's release is of the same pull request, and has nothing to delete.
    done = previews.run("release", "--pull-request", str(number), output=slot).expect(0)
    done.says(f"{slot}: {REPOSITORY}#{number} had it; it is empty and free")
    assert previews.claims.slot(slot) == previews.claims.slot(occupied.third) == Slot()
    done = previews.run("release", "--pull-request", str(number)).expect(0)
    done.says(f"{REPOSITORY}#{number} has no preview")
