"""Killed runs, lost events and missing answers: what is claimed stays, and what is closed is deleted."""

import pytest

from delivery.preview.claims import Slot
from tests.live.previews.account_inventory import account_inventory
from tests.live.previews.github_of_application import application
from tests.live.previews.occupied_slots import OccupiedSlots
from tests.live.previews.preview_commands import REPOSITORY
from tests.live.waiting import CONTROLLER_SECONDS, wait_until

pytestmark = pytest.mark.promise("Previews")


def test_a_pull_request_that_github_does_not_find_keeps_its_preview(occupied: OccupiedSlots) -> None:
    """A pull request that GitHub does not find keeps its preview: a token without permission gets the same answer."""
    before = occupied.commands.claims
    with application() as github:
        swept = occupied.commands.run("sweep", "--github", **github.variables()).expect(1)
    for slot, number in occupied.requests.items():
        swept.says(f"{slot}: report: cannot tell whether {REPOSITORY}#{number} is open: ")
    assert occupied.commands.claims == before


def test_a_killed_deploy_with_a_lost_close_event_leaves_nothing(occupied: OccupiedSlots) -> None:
    """One sweep deletes what a killed deploy created and did not store, because its pull request is closed."""
    previews, slot = occupied.commands, occupied.third
    before = account_inventory(previews.project)
    previews.killed("deploy", slot, said=r"kubernetes_namespace_v1\.\w+.*Creating")
    found = previews.claims.slot(slot)
    assert found.work, "the killed run has released its lease"
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
