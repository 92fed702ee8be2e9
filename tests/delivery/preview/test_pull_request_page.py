"""The comment and the deployment on a pull request."""

from collections.abc import Iterator

import pytest

from delivery.preview.claims import Claims, Slot
from delivery.preview.note import Note
from delivery.preview.pull_request_page import PullRequestPage
from delivery.rehearsal.github_stand_in import GitHubStandIn, person
from environments.schema.previews import Previews
from modules.model.selected_settings import SETTINGS
from tests.delivery.github.github_fixture import HEAD, REPOSITORY, client, pull_request, serving
from tests.delivery.preview import recorded
from tests.delivery.preview.memory_s3 import MemoryS3
from tests.delivery.preview.recorded import images

RUN = "https://github.com/mosaic-stories/platform/actions/runs/1"
OTHER = "1" * 40


@pytest.fixture
def github() -> Iterator[GitHubStandIn]:
    with serving(pull_request(7), pull_request(8)) as standin:
        yield standin


@pytest.fixture
def s3() -> MemoryS3:
    return MemoryS3()


@pytest.fixture
def page(github: GitHubStandIn, s3: MemoryS3) -> PullRequestPage:
    return PullRequestPage(
        github=client(github),
        previews=Previews(repository=REPOSITORY),
        slots={name: SETTINGS.find(name) for name in ("preview-1", "preview-2")},
        store=s3.store,
        run_url=RUN,
    )


def claimed(s3: MemoryS3, **fields: object) -> None:
    claim = recorded.claim(7, **{"repository": REPOSITORY, "commit": HEAD, **fields})
    s3.body = Claims(slots={"preview-1": Slot(claim=claim)}).model_dump_json().encode()


def bodies(github: GitHubStandIn) -> list[str]:
    return [comment["body"] for comment in github.comments.get(7, [])]


def deployed(github: GitHubStandIn) -> list[tuple[str, str, list[str]]]:
    """Return each deployment's environment, commit and states."""
    found = github.deployments
    return [
        (row["environment"], row["sha"], [status["state"] for status in found.statuses[row["id"]]])
        for row in found.rows
    ]


def test_a_claim_is_shown_by_one_comment_and_one_deployment(
    page: PullRequestPage, github: GitHubStandIn, s3: MemoryS3
) -> None:
    claimed(s3, deployed=None)
    assert page.tell([Note(pull_request=7, underway=True)])
    claimed(s3)
    assert page.tell([Note(pull_request=7)])
    (body,) = bodies(github)
    assert "is **running**" in body
    assert deployed(github) == [("preview-1", HEAD, ["in_progress", "success"])]
    (status,) = [status for status in github.deployments.statuses[1] if status["state"] == "success"]
    assert (status["environment_url"], status["log_url"]) == ("https://preview-1.mosaiclife.me", RUN)
    assert status["auto_inactive"] is True, "GitHub ends the deployment of the push before"


def test_each_push_has_its_own_deployment(page: PullRequestPage, github: GitHubStandIn, s3: MemoryS3) -> None:
    for commit in (HEAD, OTHER):
        claimed(s3, commit=commit)
        page.show(Note(pull_request=7))
    assert deployed(github) == [("preview-1", HEAD, ["success"]), ("preview-1", OTHER, ["success"])]


def test_a_deployment_of_another_claim_is_left_alone(
    page: PullRequestPage, github: GitHubStandIn, s3: MemoryS3
) -> None:
    """For example, if the pull request was closed and reopened."""
    for number in (1, 2):
        claimed(s3, id=f"{number:032x}")
        page.show(Note(pull_request=7))
    assert deployed(github) == [("preview-1", HEAD, ["success"])] * 2


@pytest.mark.parametrize(
    ("fields", "state"),
    [
        ({"asleep": True}, "inactive"),
        ({"ending": True}, "inactive"),
        ({"images": images(2), "failed": images(2)}, "failure"),
    ],
)
def test_the_deployment_shows_the_state(
    page: PullRequestPage, github: GitHubStandIn, s3: MemoryS3, fields: dict[str, object], state: str
) -> None:
    claimed(s3, **fields)
    page.show(Note(pull_request=7))
    assert deployed(github) == [("preview-1", HEAD, [state])]


def test_a_claim_by_hand_without_a_commit_has_no_deployment(
    page: PullRequestPage, github: GitHubStandIn, s3: MemoryS3
) -> None:
    claimed(s3, commit=None)
    page.show(Note(pull_request=7))
    assert len(bodies(github)) == 1
    assert deployed(github) == []


def test_an_ended_preview_keeps_its_comment_and_a_nonexistent_one_gets_none(
    page: PullRequestPage, github: GitHubStandIn, s3: MemoryS3
) -> None:
    github.add_comment(7, person("alice"), "<!-- mosaic preview -->\nA preview, please.")
    assert page.tell([Note(pull_request=7), Note(pull_request=8)])
    assert len(bodies(github)) == 1
    claimed(s3)
    page.show(Note(pull_request=7))
    s3.body = None
    page.show(Note(pull_request=7))
    assert [body.splitlines()[-1] for body in bodies(github)] == [
        "A preview, please.",
        "This pull request has no preview.",
    ]
    assert 8 not in github.comments


def test_of_two_slots_the_remaining_one_is_shown(page: PullRequestPage, github: GitHubStandIn, s3: MemoryS3) -> None:
    """It was claimed again while the former slot is being emptied."""
    ending, new = (recorded.claim(7, repository=REPOSITORY, ending=ending) for ending in (True, False))
    s3.body = Claims(slots={"preview-1": Slot(claim=ending), "preview-2": Slot(claim=new)}).model_dump_json().encode()
    page.show(Note(pull_request=7))
    assert "[preview-2]" in bodies(github)[0]


def test_a_pull_request_that_cannot_be_updated_is_reported_and_others_are_updated(
    page: PullRequestPage, github: GitHubStandIn, s3: MemoryS3, capsys: pytest.CaptureFixture[str]
) -> None:
    claimed(s3)
    assert not page.tell([Note(pull_request=99, notice="no slot is free"), Note(pull_request=7)])
    assert (
        f"{REPOSITORY}#99 could not be updated: GitHub: POST /repos/{REPOSITORY}/issues/99/comments: 404"
        in capsys.readouterr().out
    )
    assert len(bodies(github)) == 1
