"""A release leaves what bootstrap created, and the slot's next claim finds nothing of the previous one."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from delivery.preview.claims import Slot
from tests.live.previews.account_inventory import account_inventory
from tests.live.previews.conftest import BUILD
from tests.live.previews.github_of_application import application
from tests.live.previews.occupied_slots import OccupiedSlots
from tests.live.previews.preview_commands import REPOSITORY
from tests.live.project import Run
from tests.live.waiting import CONTROLLER_SECONDS, wait_until

pytestmark = pytest.mark.promise("Previews")
LATER = 105


def test_a_killed_release_keeps_its_slot_until_it_is_done(occupied: OccupiedSlots) -> None:
    """A killed release keeps its slot until it is done; its pull request, reopened, gets another slot."""
    previews, slot, number = occupied.commands, occupied.second, occupied.requests[occupied.second]
    previews.killed("release", slot, said=r"Destruction complete|Destroying")
    assert (claim := previews.claims.slot(slot).claim)
    assert claim.ending
    previews.claim(number, BUILD).expect(0).says(f"{occupied.third}: claimed by {REPOSITORY}#{number}")
    previews.run("deploy", slot, output=slot).expect(1).says(f"{slot} is being emptied of {REPOSITORY}#{number}")
    # The release of the other slot belongs to the same pull request and has nothing to delete.
    done = previews.run("release", "--pull-request", str(number), output=slot).expect(0)
    done.says(f"{slot}: {REPOSITORY}#{number} had it; it is empty and free")
    assert previews.claims.slot(slot) == previews.claims.slot(occupied.third) == Slot()
    done = previews.run("release", "--pull-request", str(number)).expect(0)
    done.says(f"{REPOSITORY}#{number} has no preview")


@pytest.fixture(scope="module")
def swept(occupied: OccupiedSlots) -> list[Run]:
    """Two simultaneous sweeps of the first slot, whose pull request is closed. The others were released before."""
    previews, slot = occupied.commands, occupied.first
    with application(**{f"_{occupied.requests[slot]}": "closed"}) as github, ThreadPoolExecutor() as pool:
        return list(
            pool.map(
                lambda number: previews.run("sweep", slot, "--github", output=f"sweep-{number}", **github.variables()),
                range(2),
            )
        )


def test_two_sweeps_at_once_release_once(occupied: OccupiedSlots, swept: list[Run]) -> None:
    slot = occupied.first
    assert [run.code for run in swept] == [0, 0], "\n".join(run.output[-2000:] for run in swept)
    done = f"{slot}: {REPOSITORY}#{occupied.requests[slot]} had it; it is empty and free"
    assert [done in run.output for run in swept].count(True) == 1
    assert [f"{slot}: keep: " in run.output for run in swept].count(True) == 1


def test_the_releases_leave_only_what_existed_before_the_claims(occupied: OccupiedSlots, swept: list[Run]) -> None:
    """The releases leave nothing in any engine except what existed before the claims."""
    project = occupied.commands.project

    def differences() -> frozenset[str]:
        return account_inventory(project) ^ occupied.inventory

    # external-dns watches for changes, and otherwise looks once a minute.
    wait_until(lambda: not differences(), "nothing is left of the previews", seconds=CONTROLLER_SECONDS)
    assert all(slot == Slot() for slot in occupied.commands.claims.slots.values())


def test_the_next_claim_finds_an_empty_slot(occupied: OccupiedSlots, swept: list[Run]) -> None:
    previews = occupied.commands
    previews.claim(LATER, BUILD).expect(0).says(f"{occupied.first}: claimed by {REPOSITORY}#{LATER}")
    previews.deploy(occupied.first).expect(0)
    names = previews.names(occupied.first)
    assert "Versions" not in previews.project.client("s3").list_object_versions(Bucket=names.media_bucket)
    with previews.project.login(names.database_credentials, names.database) as session:
        assert session.execute("SELECT to_regclass('kept') IS NULL").fetchone() == (True,)
    previews.run("release", occupied.first, output=occupied.first).expect(0)


def test_a_sweep_of_free_slots_finds_nothing_to_do(occupied: OccupiedSlots, swept: list[Run]) -> None:
    before = occupied.commands.store.read()
    run = occupied.commands.run("sweep").expect(0)
    assert run.output.splitlines() == [f"{slot}: keep: free" for slot in sorted(occupied.requests)]
    assert occupied.commands.store.read().tag == before.tag
