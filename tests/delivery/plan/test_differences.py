"""Differences are minimal, and none is lost."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.plan.differences import ABSENT, differences
from delivery.redaction.marks import UNKNOWN, Sensitive

LEAVES = st.none() | st.booleans() | st.integers(-2, 2) | st.sampled_from(["", "a", "b", '{"a": 1}', "[1]", "{"])
TREES = st.dictionaries(
    st.sampled_from(["name", "id", "x", "y/z"]),
    st.recursive(
        LEAVES,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["name", "a", "b"]), inner),
        max_leaves=12,
    ),
)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({"a": None, "b": [], "c": {}}, {}, []),
        ({"a": 1}, {"a": 2}, [("a", 1, 2)]),
        ({"a": 1}, {"a": True}, [("a", 1, True)]),
        ({"a": [{"b": 1}]}, {"a": [{"b": 2}]}, [("a.b", 1, 2)]),
        ({"a.b": 1}, {}, [('["a.b"]', 1, ABSENT)]),
        ({}, {"a": [{}]}, [("a", ABSENT, {})]),
        ({}, {"a": {"x": "1", "y": "2"}}, [("a", ABSENT, {"x": "1", "y": "2"})]),
        ({}, {"a": {"x": "1", "y": UNKNOWN}}, [("a.x", ABSENT, "1"), ("a.y", ABSENT, UNKNOWN)]),
        ({"a": UNKNOWN}, {"a": UNKNOWN}, []),
        ({"a": Sensitive("1")}, {"a": Sensitive("1")}, []),
        ({"a": Sensitive("1")}, {"a": Sensitive("2")}, [("a", Sensitive("1"), Sensitive("2"))]),
        # Inserting a variable at the start does not move the others.
        (
            {"env": [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}]},
            {"env": [{"name": "C", "value": "3"}, {"name": "A", "value": "1"}, {"name": "B", "value": "2"}]},
            [("env[C].value", ABSENT, "3")],
        ),
        (
            {"env": [{"name": "A"}, {"name": "B"}]},
            {"env": [{"name": "B"}, {"name": "A"}]},
            [("env (order)", ["A", "B"], ["B", "A"])],
        ),
        ({"a": ["x", "y"]}, {"a": ["y", "z"]}, [("a", "x", ABSENT), ("a", ABSENT, "z")]),
        ({"a": ["x", "y"]}, {"a": ["y", "x"]}, [("a (order)", ["x", "y"], ["y", "x"])]),
        (
            {"a": [{"b": 1}, {"b": 2}]},
            {"a": [{"b": 1}, {"b": 3}, {"b": 4}]},
            [("a[1].b", 2, 3), ("a[2].b", ABSENT, 4)],
        ),
        ({"p": '{"x": [1, 2], "y": 1}'}, {"p": '{"y":1,"x":[1,2]}'}, []),
        ({"p": '{"y": 1}'}, {"p": '{"y": 2}'}, [("p.y", 1, 2)]),
        ({"p": "{not JSON"}, {"p": "{nor this"}, [("p", "{not JSON", "{nor this")]),
    ],
)
def test_differences_are_minimal(before: object, after: object, expected: list[tuple[str, object, object]]) -> None:
    assert [(row.path, row.before, row.after) for row in differences(before, after)] == expected


@given(TREES, TREES)
def test_no_difference_is_lost(before: dict[str, object], after: dict[str, object]) -> None:
    assert differences(before, before) == []
    assert bool(differences(before, after)) == (_plain(before) != _plain(after))


def _plain(tree: object) -> object:
    """A tree as a reader understands it: without empty values, and with JSON strings parsed."""
    if isinstance(tree, str) and tree[:1] in ("{", "["):
        try:
            return _plain(json.loads(tree))
        except ValueError:
            return tree
    if isinstance(tree, dict):
        items = {key: _plain(value) for key, value in tree.items()}
        return {key: value for key, value in items.items() if value not in ("null", [], {})}
    if isinstance(tree, list):
        return [_plain(item) for item in tree]
    return json.dumps(tree) if tree is None or isinstance(tree, bool) else tree
