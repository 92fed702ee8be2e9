"""Three pull requests have a preview each at the same time, and a fourth learns who has the slots."""

import pytest
from lightkube.resources.apps_v1 import Deployment

from delivery.preview.lease import DURATION
from tests.live.previews.conftest import BUILD
from tests.live.previews.occupied_slots import OccupiedSlots
from tests.live.previews.preview_commands import REPOSITORY, SLOTS, PreviewCommands

pytestmark = pytest.mark.promise("Previews")
PUSHED = "pr-0000002"


def images_of(previews: PreviewCommands, slot: str) -> set[str]:
    """Return the images that a slot's Deployments name."""
    found = previews.project.kubernetes.list(Deployment, namespace=previews.names(slot).namespace)
    return {
        str(container.image)
        for deployment in found
        if deployment.spec and deployment.spec.template.spec
        for container in deployment.spec.template.spec.containers
    }


def test_three_pull_requests_that_claim_at_once_get_a_slot_each(occupied: OccupiedSlots) -> None:
    assert set(occupied.requests) == {slot.name for slot in SLOTS}
    assert set(occupied.requests.values()) == set(occupied.claimed)


def test_the_refusal_of_a_fourth_claim_names_the_holder_and_end_of_each_slot(occupied: OccupiedSlots) -> None:
    before = occupied.commands.claims
    refused = occupied.commands.claim(104, BUILD).expect(1).says(f"{REPOSITORY}#104: no slot is free")
    for slot, number in occupied.requests.items():
        (row,) = [line for line in refused.output.splitlines() if slot in line]
        assert f"{REPOSITORY}#{number}" in row
        assert BUILD in row
        assert row.count(" UTC") == 3
    assert occupied.commands.claims == before


def test_a_deployed_slot_passes_verify_and_runs_the_claims_images(occupied: OccupiedSlots) -> None:
    for slot, run in occupied.deployed.items():
        run.says(" 0 failed").says(f"https://{slot}.mosaiclife.me")
        images = images_of(occupied.commands, slot)
        assert len(images) == 2
        assert all(f":{BUILD}@sha256:" in image for image in images), images


def test_a_claim_for_an_image_that_is_not_in_the_registry_is_refused(occupied: OccupiedSlots) -> None:
    """A claim for an image that is not in the registry is refused: its pods would never start."""
    number = occupied.requests[occupied.first]
    occupied.commands.claim(number, "pr-9999999").expect(1).says("the registry has no ")
    claim = occupied.commands.claims.slot(occupied.first).claim
    assert claim
    assert claim.images.web.tag == BUILD


@pytest.fixture(scope="module")
def asleep(occupied: OccupiedSlots) -> OccupiedSlots:
    """The first slot with a row and an object in it, after a sweep at a time when nobody had renewed it."""
    previews, names = occupied.commands, occupied.commands.names(occupied.first)
    previews.project.client("s3").put_object(Bucket=names.media_bucket, Key="kept/object", Body=b"kept")
    with previews.project.login(names.database_credentials, names.database) as session:
        session.execute("CREATE TABLE kept (id int)")
    previews.change(
        occupied.first,
        lambda: {"renewed_at": previews.store.read().now - 20 * DURATION},
    )
    previews.run("sweep", occupied.first, output=occupied.first).expect(0).says(f"{occupied.first}: sleep: ")
    return occupied


def test_a_slot_that_nobody_renews_falls_asleep(asleep: OccupiedSlots) -> None:
    assert images_of(asleep.commands, asleep.first) == set()
    (row,) = [line for line in asleep.commands.run("list").expect(0).output.splitlines() if asleep.first in line]
    assert "asleep" in row


def test_a_push_wakes_the_slot_with_its_images_and_keeps_the_data(asleep: OccupiedSlots) -> None:
    previews, slot = asleep.commands, asleep.first
    previews.push(PUSHED)
    previews.claim(asleep.requests[slot], PUSHED).expect(0).says(f"{slot}: renewed for ")
    previews.deploy(slot).expect(0)
    assert all(f":{PUSHED}@sha256:" in image for image in images_of(previews, slot))
    names = previews.names(slot)
    with previews.project.login(names.database_credentials, names.database) as session:
        assert session.execute("SELECT to_regclass('kept') IS NOT NULL").fetchone() == (True,)
    assert previews.project.client("s3").get_object(Bucket=names.media_bucket, Key="kept/object")
