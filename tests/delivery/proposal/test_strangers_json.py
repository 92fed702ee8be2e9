"""JSON that two parsers could understand differently is refused."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.proposal.strangers_json import DEEPEST, parse


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"a": 1, "a": 1}', "the key 'a' occurs twice in one object; allowed: once"),
        ('[{"b": {"a": 1, "a": 2}}]', "the key 'a' occurs twice"),
        ('{"a": 1, "\\u0061": 1}', "the key 'a' occurs twice"),
        ("[NaN]", "NaN is not a JSON number"),
        ("[-Infinity]", "-Infinity is not a JSON number"),
        ("[1e999]", "the number 1e999 is too large"),
        ("1" * 5000, "4300"),
        ('["\\ud800"]', "half a surrogate pair"),
        ('{"\\udc00": 1}', "half a surrogate pair"),
        ("[" * (DEEPEST + 1) + "]" * (DEEPEST + 1), "nested too deeply; allowed: 64 levels"),
        ("[" * 100_000, "nested too deeply; allowed: 64 levels"),
        ('{"a":' * 100_000, "nested too deeply; allowed: 64 levels"),
        ("", "Expecting value"),
        ("{} {}", "Extra data"),
        ("\ufeff{}", "BOM"),
        ("{'a': 1}", "Expecting property name"),
    ],
)
def test_ambiguous_json_is_refused(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words.replace("(", r"\(")):
        parse(text)


def test_the_deepest_allowed_nesting_is_read() -> None:
    text = "[" * (DEEPEST - 1) + "1" + "]" * (DEEPEST - 1)
    assert json.dumps(parse(text)) == text


@given(
    content=st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    )
)
def test_any_other_json_is_read(content: object) -> None:
    assert parse(json.dumps(content)) == content
