"""Which tests a process keeps to itself when several share the work."""

from pathlib import Path

import pytest

from tests.live.selection import group_of


def test_what_shares_the_deployed_environments_is_one_unit() -> None:
    shared = (
        "live/test_staging.py",
        "live/isolation/test_buckets.py",
        "live/test_destroy.py",
    )
    assert len({group_of(Path(test)) for test in shared}) == 1


@pytest.mark.parametrize(
    "test",
    [
        "unit/environments/test_rules.py",
        "live/faults/test_faults.py",
        "live/test_bad_input.py",
    ],
)
def test_other_tests_do_not_wait_for_them(test: str) -> None:
    assert group_of(Path(test)) != group_of(Path("live/test_staging.py"))
