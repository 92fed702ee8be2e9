"""The comment about a preview on its pull request."""

import pytest

from delivery.preview.claims import Slot
from delivery.preview.pull_request_comment import PreviewView, State, comment, is_preview_comment, state_of
from modules.model.selected_settings import SETTINGS
from tests.delivery.preview.recorded import HOUR, NOW, PREVIEWS, claim, images, lease

RUN = "https://github.com/mosaic-stories/platform/actions/runs/1"


def view(state: State, **fields: object) -> PreviewView:
    return PreviewView(
        slot=SETTINGS.find("preview-2"), claim=claim(**fields), state=state, previews=PREVIEWS, run_url=RUN
    )


def test_the_comment_shows_address_images_and_lifetime() -> None:
    text = comment(view(State.RUNNING, commit="1" * 40))
    assert text == (
        "<!-- mosaic preview -->\n"
        "### Preview\n"
        "\n"
        f"[preview-2]({RUN}) is **running**. A push renews it.\n"
        "\n"
        "| | address | image |\n"
        "| :-- | :-- | :-- |\n"
        "| web | https://preview-2.mosaiclife.me | `pr-1` |\n"
        "| core-api | https://preview-2-api.mosaiclife.me | `pr-1` |\n"
        "\n"
        f"Built from {'1' * 40}. It falls asleep at 2026-12-01 00:00 UTC, and ends at 2026-12-05 12:00 UTC."
    )


def test_a_sleeping_preview_says_how_to_wake_it() -> None:
    text = comment(view(State.ASLEEP))
    assert "is **asleep**: it has no pods but keeps its data. A push wakes it" in text
    assert "falls asleep" not in text
    assert text.endswith("\nIt ends at 2026-12-05 12:00 UTC.")


def test_a_preview_being_emptied_has_no_address() -> None:
    text = comment(view(State.EMPTIED))
    assert text.endswith("is **being emptied**: everything in it is being deleted.")


def test_without_a_preview_the_comment_says_why() -> None:
    text = comment(None, notice="no slot is free:\nslot  state\n```\n@everybody")
    assert text.startswith("<!-- mosaic preview -->\n### Preview\n\nThis pull request has no preview.\n\n````\n")
    assert text.endswith("\n````"), "nothing in a notice ends its block, or calls anybody"


def test_a_refused_push_is_shown_below_the_running_images() -> None:
    assert comment(view(State.RUNNING), notice="its head is another").endswith("\n\n```\nits head is another\n```")


@pytest.mark.parametrize(
    ("slot", "state"),
    [
        (Slot(claim=claim()), State.RUNNING),
        (Slot(claim=claim(deployed=None)), State.UNDERWAY),
        (Slot(claim=claim(images=images(2))), State.UNDERWAY),
        (Slot(claim=claim(images=images(2), failed=images(2))), State.FAILED),
        (Slot(claim=claim(images=images(2), failed=images(3))), State.UNDERWAY),
        (Slot(claim=claim(), work=lease()), State.UNDERWAY),
        (Slot(claim=claim(), work=lease("sleep")), State.RUNNING),
        (Slot(claim=claim(asleep=True)), State.ASLEEP),
        (Slot(claim=claim(asleep=True, ending=True)), State.EMPTIED),
    ],
)
def test_the_state_comes_from_the_record(slot: Slot, state: State) -> None:
    assert state_of(slot, NOW) is state


def test_a_deploy_that_died_is_not_underway() -> None:
    assert state_of(Slot(claim=claim(), work=lease()), NOW + HOUR) is State.RUNNING


def test_the_comment_is_recognized_again() -> None:
    assert is_preview_comment(comment(None))
    assert not is_preview_comment(f"> {comment(None)}")
