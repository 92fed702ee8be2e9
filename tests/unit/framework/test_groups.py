"""Which tests stay together in one process when several share the work."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from modules.model.project import ROOT
from tests.live.selection import LONGEST, group_of


def test_tests_sharing_deployed_environments_form_one_unit() -> None:
    shared = (
        "live/test_staging.py",
        "live/test_rotation.py",
        "live/test_destroy.py",
    )
    assert len({group_of(Path(test)) for test in shared}) == 1


def test_tests_needing_only_a_bootstrapped_account_form_one_unit() -> None:
    tests = ("live/faults/test_faults.py", "live/test_bad_input.py", "live/test_gitops.py")
    assert len({group_of(Path(test)) for test in tests}) == 1


def test_tests_needing_a_cloud_without_environments_form_one_unit() -> None:
    tests = ("local/test_commands.py", "plan/test_new_staging.py", "delivery/doctor/test_differences.py")
    assert {group_of(Path(test)) for test in tests}.isdisjoint({group_of(Path("delivery/plan/test_sanitizing.py"))})
    assert len({group_of(Path(test)) for test in tests}) == 1


@pytest.mark.parametrize(
    "test",
    [
        "unit/environments/test_rules.py",
        "live/test_built_account.py",
        "live/faults/test_faults.py",
        "live/test_bad_input.py",
        "live/isolation/test_buckets.py",
        "live/previews/test_claims.py",
    ],
)
def test_other_tests_do_not_wait_for_them(test: str) -> None:
    assert group_of(Path(test)) != group_of(Path("live/test_staging.py"))


def test_each_group_that_begins_first_has_tests() -> None:
    files = (file.relative_to(ROOT / "tests") for file in (ROOT / "tests").rglob("test_*.py"))
    assert set(LONGEST) < {group_of(file) for file in files}


def test_one_process_runs_a_whole_group() -> None:
    """With `make test`'s options and two processes: both files form one group, and each test reports its process."""
    (options,) = re.findall(r"-m pytest (--numprocesses.*)$", (ROOT / "Makefile").read_text(), re.M)
    files = ["tests/tools/test_architecture.py", "tests/unit/environments/test_formats.py"]
    two = [*options.split(), "--numprocesses", "2"]
    command = [sys.executable, "-m", "pytest", "-v", "-p", "no:cacheprovider", *two, *files]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    processes = re.findall(r"^\[(gw\d)\][^\n]* PASSED ", done.stdout, re.M)
    assert len(processes) > len(files)
    assert len(set(processes)) == 1
