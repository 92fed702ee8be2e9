"""Whether what runs was verified and has soaked, with the clock given."""

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


def test_what_was_verified_an_hour_ago_has_soaked(github: GitHubStandIn) -> None:
    identity = record(github, "success")
    found = ask(github, 60)
    assert (found.record.id, found.since) == (identity, NOON)


def test_before_the_soak_time_is_over_it_says_when_it_will_be(github: GitHubStandIn) -> None:
    record(github, "success")
    assert (
        "running these digests since 2026-11-29 12:00 UTC, and the soak time is not over: try again at "
        "2026-11-29 13:00 UTC, in 1 minute (soak_minutes" in refusal(github, 59)
    )


def test_a_deploy_of_other_settings_starts_nothing_anew(github: GitHubStandIn) -> None:
    record(github, "success", recorded=OTHERS, minutes=-30)
    record(github, "success")
    newest = record(github, "success", minutes=50)
    found = ask(github, 60)
    assert (found.record.id, found.since) == (newest, NOON)


def test_a_failure_between_two_deploys_of_the_same_starts_anew(github: GitHubStandIn) -> None:
    record(github, "success", "failure")
    record(github, "success", minutes=50)
    assert "try again at 2026-11-29 13:50 UTC, in 50 minutes" in refusal(github, 60)
    assert ask(github, 110).since == NOON + timedelta(minutes=50)


@pytest.mark.parametrize("statuses", [(), ("in_progress",)])
def test_what_was_never_verified_is_refused(github: GitHubStandIn, statuses: tuple[str, ...]) -> None:
    record(github, *statuses)
    assert "was never verified; run the last deploy of staging again" in refusal(github, 600)


def test_a_deploy_whose_verification_failed_is_refused(github: GitHubStandIn) -> None:
    record(github, "failure")
    assert "failed at 2026-11-29 12:00 UTC: said failure (https://github.com/o/r/actions/runs/9); fix it" in refusal(
        github, 600
    )


def test_a_nightly_failure_since_is_refused_whatever_came_after(github: GitHubStandIn) -> None:
    identity = record(github, "success")
    status(github, identity, "failure", minutes=300)
    status(github, identity, "success", minutes=400)
    assert "was verified, and has failed since at 2026-11-29 17:00 UTC: said failure" in refusal(github, 600)


@pytest.mark.parametrize("recorded", [OTHERS, images({"web": DIGESTS["web"]}), {}])
def test_other_digests_than_those_of_the_last_deploy_are_refused(
    github: GitHubStandIn, recorded: dict[str, dict[str, object]]
) -> None:
    """Also where an older deploy was of these: nobody knows since when they have been running again."""
    record(github, "success", minutes=-100)
    record(github, "success", recorded=recorded)
    assert re.search("staging does not run the digests of its last recorded deploy", refusal(github, 600))


def test_without_any_record_nothing_is_promoted(github: GitHubStandIn) -> None:
    assert "no deploy is recorded (make history ENV=staging)" in refusal(github, 600)
