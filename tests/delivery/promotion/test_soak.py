"""Whether the running images were verified and have soaked, with a fixed clock."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest

from delivery.history.record import records
from delivery.promotion.refusal import RefusedError
from delivery.promotion.soak import Soaked, soaked
from delivery.rehearsal.github_stand_in import GitHubStandIn
from tests.delivery.github.github_fixture import client, serving
from tests.delivery.history.recorded import DIGESTS, NOON, images, record, status

OTHERS = images({"web": f"sha256:{'d' * 64}", "core_api": f"sha256:{'e' * 64}"})


@pytest.fixture
def github() -> Iterator[GitHubStandIn]:
    with serving() as standin:
        yield standin


def ask(github: GitHubStandIn, minutes: int, running: dict[str, str] = DIGESTS) -> Soaked:
    return soaked(
        "staging",
        running,
        records(client(github), "staging"),
        soak=timedelta(minutes=60),
        now=NOON + timedelta(minutes=minutes),
    )


def refusal(github: GitHubStandIn, minutes: int, running: dict[str, str] = DIGESTS) -> str:
    with pytest.raises(RefusedError) as raised:
        ask(github, minutes, running)
    assert "\n" not in str(raised.value)
    return str(raised.value)


def test_images_verified_an_hour_ago_have_soaked(github: GitHubStandIn) -> None:
    identity = record(github, "success")
    found = ask(github, 60)
    assert (found.record.id, found.since) == (identity, NOON)


def test_during_the_soak_time_the_message_says_when_it_ends(github: GitHubStandIn) -> None:
    record(github, "success")
    assert (
        "running these digests since 2026-11-29 12:00 UTC, and the soak time is not over: try again at "
        "2026-11-29 13:00 UTC, in 1 minute (soak_minutes" in refusal(github, 59)
    )


def test_a_deploy_of_other_settings_does_not_restart_the_soak_time(github: GitHubStandIn) -> None:
    record(github, "success", recorded=OTHERS, minutes=-30)
    record(github, "success")
    newest = record(github, "success", minutes=50)
    found = ask(github, 60)
    assert (found.record.id, found.since) == (newest, NOON)


def test_a_failure_between_two_deploys_of_the_same_images_restarts_the_soak_time(github: GitHubStandIn) -> None:
    record(github, "success", "failure")
    record(github, "success", minutes=50)
    assert "try again at 2026-11-29 13:50 UTC, in 50 minutes" in refusal(github, 60)
    assert ask(github, 110).since == NOON + timedelta(minutes=50)


@pytest.mark.parametrize("statuses", [(), ("in_progress",)])
def test_never_verified_images_are_refused(github: GitHubStandIn, statuses: tuple[str, ...]) -> None:
    record(github, *statuses)
    assert "was never verified; run the last deploy of staging again" in refusal(github, 600)


def test_a_deploy_whose_verification_failed_is_refused(github: GitHubStandIn) -> None:
    record(github, "failure")
    assert "failed at 2026-11-29 12:00 UTC: said failure (https://github.com/o/r/actions/runs/9); fix it" in refusal(
        github, 600
    )


def test_a_later_nightly_failure_is_always_refused(github: GitHubStandIn) -> None:
    identity = record(github, "success")
    status(github, identity, "failure", minutes=300)
    status(github, identity, "success", minutes=400)
    assert "was verified, and has failed since at 2026-11-29 17:00 UTC: said failure" in refusal(github, 600)


@pytest.mark.parametrize("recorded", [OTHERS, images({"web": DIGESTS["web"]}), {}])
def test_digests_other_than_the_last_deploys_are_refused(
    github: GitHubStandIn, recorded: dict[str, dict[str, object]]
) -> None:
    """Even if an older deploy had them: nobody knows since when they are running again."""
    record(github, "success", minutes=-100)
    record(github, "success", recorded=recorded)
    assert re.search("staging does not run the digests of its last recorded deploy", refusal(github, 600))


def test_without_any_record_nothing_is_promoted(github: GitHubStandIn) -> None:
    assert "no deploy is recorded (make history ENV=staging)" in refusal(github, 600)
