"""Readers see every difference in long values."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.plan.diff import resource_lines
from delivery.plan.long_values import differing_parts
from delivery.redaction.mask import Mask
from tests.delivery.plan_documents import plan, resource

LONG = " ".join(f"word{index}" for index in range(400))


def lines(kind: str, before: object, after: object) -> list[str]:
    attributes = [None if value is None else {"a": value} for value in (before, after)]
    [change] = plan(resource("aws_iam_role", kind, *attributes)).resources
    return resource_lines(change, Mask())[1:]


@pytest.mark.parametrize("place", [0, 1, 2000, len(LONG) - 1, len(LONG)])
def test_the_differing_part_is_shown_with_context_and_length(place: int) -> None:
    after = f"{LONG[:place]}EVIL{LONG[place:]}"
    before_line, after_line = lines("change", LONG, after)
    assert after[max(0, place - 20) : place + 24] in after_line
    assert after_line.endswith(f"({len(after) + 2} characters)")
    assert before_line.endswith(f"({len(LONG) + 2} characters)")
    assert "EVIL" not in before_line
    assert len(before_line) + len(after_line) < 600


def test_several_differences_are_shown_without_the_text_between_them() -> None:
    after = LONG.replace("word7 ", "one ").replace("word390 ", "two ")
    before_line, after_line = lines("change", LONG, after)
    for word in ("word7", "word390"):
        assert word in before_line
    for word in (" one ", " two "):
        assert word in after_line
    assert "word200" not in before_line + after_line
    assert "…" in after_line


def test_a_new_long_value_is_shown_in_full() -> None:
    """Nobody would have reviewed a part left out. A comment that gets too long says so itself."""
    [line] = lines("create", None, f"{LONG}EVIL")
    assert line == f'+ a: "{LONG}EVIL"'
    assert lines("change", "short", f"{LONG}EVIL")[1].count("EVIL") == 1


def test_a_removed_long_value_is_shown_by_its_beginning_and_length() -> None:
    [line] = lines("destroy", LONG, None)
    assert line.endswith(f"… ({len(LONG) + 2} characters)")
    assert len(line) < 500


@given(st.lists(st.sampled_from(["a", "bb", " ", "\\n", ",", "…", "ccc" * 50]), max_size=60), st.data())
def test_the_shown_parts_contain_every_differing_character(pieces: list[str], data: st.DataObject) -> None:
    before = "".join(pieces) + LONG
    places = data.draw(st.lists(st.integers(0, len(before)), max_size=3).map(lambda row: sorted(row, reverse=True)))
    after = before
    for index, place in enumerate(places):
        after = f"{after[:place]}<{index}>{after[place + index :]}"
    shown = differing_parts(before, after)
    for text, said in zip((before, after), shown, strict=True):
        parts = re.sub(r" \(\d+ characters\)$", "", said).split("…")
        assert re.search(".*".join(map(re.escape, parts)), text, re.S), "each part stands in the text, in order"
    for index in range(len(places)):
        if f"<{index}>" in after:
            assert f"<{index}>" in shown[1]


@given(st.text(max_size=200), st.text(max_size=200))
def test_short_values_are_shown_unchanged(before: str, after: str) -> None:
    assert differing_parts(before, after) == (before, after)
