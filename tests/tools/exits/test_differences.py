"""Which differences in the fork's JSON are found, and which are allowed."""

from typing import Any

import pytest

from tools.exits.differences import undeclared

STACK: dict[str, Any] = {"//": {"metadata": {"version": "0.21.0"}}, "resource": {"a": {"b": {"c": [1, {"d": True}]}}}}
FORKS: dict[str, Any] = {**STACK, "//": {"metadata": {"version": "0.24.0"}}}


def test_only_the_release_in_the_metadata_may_differ() -> None:
    assert undeclared(STACK, FORKS) == []


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ({"c": [1, {"d": 1}]}, "resource.a.b.c[1].d: True here, 1 there"),
        ({"c": [1]}, "resource.a.b.c: [1, {'d': True}] here, [1] there"),
        ({}, "resource.a.b.c: [1, {'d': True}] here, 'nothing' there"),
        ({"c": [1, {"d": True}], "e": None}, "resource.a.b.e: 'nothing' here, None there"),
    ],
)
def test_any_other_difference_is_reported_with_its_place(value: object, said: str) -> None:
    assert undeclared(STACK, {**FORKS, "resource": {"a": {"b": value}}}) == [said]


def test_a_declared_difference_that_does_not_exist_is_reported() -> None:
    [line] = undeclared(STACK, STACK)
    assert line.startswith("//.metadata.version: declared as different")
