"""Reading the task from an event; anything else in it is rejected by name."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from delivery.preview.error import PreviewError
from delivery.preview.github_event import ClaimEvent, EndEvent, SweepEvent, read_event
from tests.delivery.github.github_fixture import HEAD

PAYLOAD = {"pull_request": 12, "commit": HEAD, "images": {"web": "pr-12", "core-api": "pr-12-api"}}
Read = Callable[..., ClaimEvent | EndEvent | SweepEvent]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Return a function that reads a named event with this content."""

    def of(name: str, **content: object) -> ClaimEvent | EndEvent | SweepEvent:
        path = tmp_path / "event.json"
        path.write_text(json.dumps(content))
        return read_event({"GITHUB_EVENT_NAME": name, "GITHUB_EVENT_PATH": str(path)})

    return of


def test_a_build_claims(read: Read) -> None:
    event = read("repository_dispatch", action="preview", client_payload=PAYLOAD, sender={"login": "app"})
    assert isinstance(event, ClaimEvent)
    assert (event.pull_request, event.commit, event.tags) == (12, HEAD, {"web": "pr-12", "core_api": "pr-12-api"})


def test_a_pull_request_ends(read: Read) -> None:
    event = read("repository_dispatch", action="preview-end", client_payload={"pull_request": 12})
    assert event == EndEvent(pull_request=12)


@pytest.mark.parametrize(("schedule", "every"), [("11 * * * *", False), ("31 4 * * *", True)])
def test_the_daily_schedule_checks_every_slot(read: Read, schedule: str, every: bool) -> None:  # noqa: FBT001 a parameter
    assert read("schedule", schedule=schedule) == SweepEvent(every=every)


def test_a_manual_run_checks_every_slot(read: Read) -> None:
    assert read("workflow_dispatch", inputs=None) == SweepEvent(every=True)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"pull_request": "12"}, "client_payload.pull_request: Input should be a valid integer"),
        ({"pull_request": 0}, "client_payload.pull_request: Input should be greater than or equal to 1"),
        ({"commit": "main"}, "client_payload.commit: String should match pattern"),
        ({"images": {"web": "a"}}, "client_payload.images: Value error, it names web; allowed: each of web, core-api"),
        ({"images": {"web": "a", "core-api": "$(id)"}}, "client_payload.images.core-api: "),
        ({"slot": "prod"}, "client_payload.slot: Extra inputs are not permitted; allowed: what docs/previews.md shows"),
    ],
)
def test_a_payload_of_another_form_is_refused(read: Read, change: dict[str, object], said: str) -> None:
    with pytest.raises(PreviewError) as refused:
        read("repository_dispatch", action="preview", client_payload={**PAYLOAD, **change})
    assert said in str(refused.value)
    assert refused.value.unusable


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("repository_dispatch", {"action": "deploy"}, "event_type is 'deploy'; allowed: preview, preview-end"),
        ("repository_dispatch", {"action": ["preview"]}, "event_type is ['preview']; allowed: "),
        ("repository_dispatch", {"action": "preview"}, "client_payload: Input should be a valid dictionary"),
        ("push", {}, "the event 'push' is not handled; allowed: repository_dispatch, schedule, workflow_dispatch"),
    ],
)
def test_an_event_that_asks_for_nothing_is_refused(
    read: Read, name: str, content: dict[str, object], said: str
) -> None:
    with pytest.raises(PreviewError) as refused:
        read(name, **content)
    assert said in str(refused.value)


@pytest.mark.parametrize("text", ["", "{", "[]"])
def test_a_file_without_an_event_is_reported(tmp_path: Path, text: str) -> None:
    path = tmp_path / "event.json"
    path.write_text(text)
    with pytest.raises(PreviewError, match=r"event\.json: not a workflow's event: "):
        read_event({"GITHUB_EVENT_NAME": "schedule", "GITHUB_EVENT_PATH": str(path)})


def test_outside_of_a_workflow_there_is_no_event() -> None:
    with pytest.raises(PreviewError, match="GITHUB_EVENT_NAME or GITHUB_EVENT_PATH is not set"):
        read_event({})
