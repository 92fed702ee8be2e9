"""The images in all records, for the guard."""

from datetime import timedelta

from delivery.history.known_images import known_images
from delivery.history.record import NEWEST
from delivery.policy.rules.known_image import KnownImage
from tests.delivery.github.github_fixture import client, serving
from tests.delivery.history.recorded import CORE_API, NOON, WEB, images, record


def test_an_image_is_known_by_its_first_deploy_and_whether_any_was_verified() -> None:
    with serving() as github:
        migrated = images()
        migrated["core_api"]["migration"] = "6a4b2170"
        record(github, "success", recorded=migrated)
        record(github, "failure", minutes=30, environment="prod")
        found = known_images(client(github), ["prod", "staging"])
    assert found == {
        WEB: KnownImage(verified=True, deployed_at=NOON),
        CORE_API: KnownImage(verified=True, deployed_at=NOON, migration="6a4b2170"),
    }


def test_an_image_that_failed_since_is_not_verified() -> None:
    with serving() as github:
        record(github, "success", "failure")
        assert {row.verified for row in known_images(client(github), ["staging"]).values()} == {False}


def test_only_the_newest_records_are_requested() -> None:
    with serving() as github:
        for minutes in range(NEWEST + 2):
            record(github, "success", minutes=minutes)
        [first, _] = known_images(client(github), ["staging"]).values()
        assert first.deployed_at == NOON + timedelta(minutes=2)
        assert len([row for row in github.requests if "/statuses" in row]) == NEWEST
