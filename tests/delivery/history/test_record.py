"""Recorded deploys: what is written, what counts, and their state since."""

from collections.abc import Iterator

import pytest

from delivery.history.record import Deployed, RecordedImage, RecordError, State, add_failure, create_record, records
from delivery.rehearsal.github_stand_in import BOT, GitHubStandIn, person
from delivery.verification.verify_run import VerifyRun
from modules.model.selected_settings import SETTINGS
from tests.delivery.github.github_fixture import HEAD, client, serving
from tests.delivery.history.recorded import DIGESTS, NOON, TAG, WEB, record, status

STAGING = SETTINGS.find("staging")
RUN = "https://github.com/o/r/actions/runs/9"


@pytest.fixture
def github() -> Iterator[GitHubStandIn]:
    with serving() as standin:
        yield standin


@pytest.mark.parametrize(
    ("statuses", "state"),
    [
        ((), State.UNKNOWN),
        (("in_progress", "inactive"), State.UNKNOWN),
        (("success",), State.VERIFIED),
        # GitHub sets this when the job's own deployment follows.
        (("success", "inactive"), State.VERIFIED),
        (("failure",), State.FAILED),
        (("success", "failure"), State.FAILED_SINCE),
        (("success", "failure", "success"), State.FAILED_SINCE),
    ],
)
def test_a_records_state_follows_from_its_statuses(
    github: GitHubStandIn, statuses: tuple[str, ...], state: State
) -> None:
    record(github, *statuses)
    [found] = records(client(github), "staging")
    assert found.state is state


def test_a_recorded_deploy_is_read_back(github: GitHubStandIn) -> None:
    deployed = Deployed(plan="sha256:1", images={"web": RecordedImage(tag=TAG, digest=WEB, migration="6a4b2170")})
    create_record(client(github), STAGING, deployed, VerifyRun(code=0), commit=HEAD, log_url=RUN)
    [found] = records(client(github), "staging")
    assert (found.commit, found.deployed, found.state) == (HEAD, deployed, State.VERIFIED)
    [[written]] = github.deployments.statuses.values()
    assert (written["environment_url"], written["log_url"]) == ("https://stage.mosaiclife.me", RUN)


def test_a_failed_check_is_added_only_to_the_newest_record(github: GitHubStandIn) -> None:
    older, newer = record(github, "success"), record(github, "success", minutes=5)
    failed = VerifyRun(code=1, failed=("FAIL rollout web: 0 of 1 pods are ready",))
    assert add_failure(client(github), STAGING, failed, log_url=RUN)
    assert [row["state"] for row in github.deployments.statuses[newer]] == ["success", "failure"]
    assert github.deployments.statuses[newer][-1]["description"] == "1 failed check: rollout web"
    assert [row["state"] for row in github.deployments.statuses[older]] == ["success"]


def test_without_a_record_a_failure_is_not_recorded(github: GitHubStandIn) -> None:
    assert not add_failure(client(github), STAGING, VerifyRun(code=1), log_url=RUN)


def test_deployments_created_by_people_do_not_count(github: GitHubStandIn) -> None:
    record(github, "success", creator=person("mallory"))
    mine = record(github, minutes=1)
    status(github, mine, "success", minutes=2, creator=person("mallory"))
    [found] = records(client(github), "staging")
    assert (found.id, found.state) == (mine, State.UNKNOWN)
    failed = VerifyRun(code=1)
    record(github, minutes=3, creator=person("mallory"))
    add_failure(client(github), STAGING, failed, log_url=RUN)
    assert github.deployments.statuses[mine][-1]["creator"] == BOT


def test_records_of_two_pages_come_newest_first(github: GitHubStandIn) -> None:
    for minutes in range(101):
        record(github, minutes=minutes)
    found = [row.created_at for row in records(client(github), "staging")]
    assert len(found) == 101
    assert found == sorted(found, reverse=True)
    assert found[-1] == NOON


def test_a_record_is_requested_when_it_is_used(github: GitHubStandIn) -> None:
    for minutes in range(3):
        record(github, "success", minutes=minutes)
    newest = next(records(client(github), "staging"))
    assert newest.digests == DIGESTS
    assert len([row for row in github.requests if "/statuses" in row]) == 1


def test_a_record_in_another_form_is_reported(github: GitHubStandIn) -> None:
    identity = record(github)
    github.deployments.rows[0]["payload"]["version"] = 2
    with pytest.raises(RecordError, match=f"deployment {identity} of staging: payload version: Input should be 1"):
        list(records(client(github), "staging"))
