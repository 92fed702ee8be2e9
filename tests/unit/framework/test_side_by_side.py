"""Which tests a process keeps to itself when several share the work."""

import pytest

from tests.side_by_side import unit_of


def test_what_shares_the_deployed_environments_is_one_unit() -> None:
    shared = (
        "tests/live/test_staging.py::test_a",
        "tests/live/isolation/test_b.py::test_b",
        "tests/live/test_destroy.py::c",
    )
    assert len({unit_of(test) for test in shared}) == 1


@pytest.mark.parametrize(
    "test",
    [
        "tests/unit/test_a.py::test_a",
        "tests/live/faults/test_faults.py::test_b",
        "tests/live/test_bad_input.py::test_c",
    ],
)
def test_other_tests_do_not_wait_for_them(test: str) -> None:
    assert unit_of(test) != unit_of("tests/live/test_staging.py::test_a")
