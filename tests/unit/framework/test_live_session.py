"""The output of a live test session, tested with small sessions without a cloud."""

import re

import pytest

from modules.model.project import ROOT
from tests.live import conftest

CONFTEST = """
from pathlib import Path

from tests.conftest import pytest_addoption
from tests.live.conftest import *

@pytest.fixture(scope="session")
def deployed():
    assert Path("broken").exists() is False, "staging: exit code 1"

@pytest.fixture
def adopted(): ...

@pytest.fixture
def cloud(): ...
"""
TESTS = '''
import pytest
pytestmark = pytest.mark.promise("Isolation")

def test_an_identity_is_denied_elsewhere():
    """Staging's role reads no object of production."""
    denied = ["media"]
    assert denied == ["media", "backups"]

@pytest.mark.stage("deploy")
def test_it_is_deployed(deployed): ...

@pytest.mark.read_only
def test_it_is_verified(deployed, adopted): ...

def test_both_are_changed(deployed, adopted): ...

def test_the_database_is_stopped(deployed, cloud): ...
'''
LAST = """
import pytest
pytestmark = [pytest.mark.promise("Destroy"), pytest.mark.stage("destroy")]

def test_nothing_is_left(deployed): ...
"""


@pytest.fixture
def session(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    monkeypatch.setattr(conftest, "HERE", pytester.path)
    # In this mode pytest repeats each full failure in its summary.
    for variable in ("CI", "BUILD_NUMBER"):
        monkeypatch.delenv(variable, raising=False)
    for stage in ("SYNTH", "DEPLOY", "VALIDATE", "DESTROY"):
        monkeypatch.delenv(f"MOSAIC_SKIP_{stage}", raising=False)
    pytester.makeconftest(CONFTEST)
    pytester.makefile(".py", test_destroy=LAST, test_isolation=TESTS)
    pytester.makeini("[pytest]\nmarkers =\n  promise(name)\n  stage(name)\n  read_only\n")
    return pytester


def run(session: pytest.Pytester, *options: str) -> str:
    return session.runpytest_inprocess("-p", "no:cacheprovider", *options).stdout.str()


def test_a_failure_names_promise_and_check_without_a_traceback(session: pytest.Pytester) -> None:
    printed = run(session)
    assert "Broken promise: Isolation\nCheck: Staging's role reads no object of production.\n" in printed
    assert "assert ['media'] == ['media', 'backups']" in printed
    assert "def test_an_identity_is_denied_elsewhere" not in printed


def test_the_traceback_is_shown_on_request(session: pytest.Pytester) -> None:
    assert ">       assert denied == [" in run(session, "--tb=long")


def test_the_session_ends_with_the_promises_and_their_results(session: pytest.Pytester) -> None:
    table = run(session).partition(" promises ")[2]
    assert re.search(r"\nIsolation  5       BROKEN \(1\)  \d+ s\n", table)
    assert re.search(r"\nDestroy    1       kept        \d+ s\n", table)
    assert "BROKEN Isolation: Staging's role reads no object of production. (test_isolation.py::" in table


def test_two_processes_make_one_table(session: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    session.makeconftest(f"{CONFTEST}\nfrom tests.live import conftest\nconftest.HERE = Path(__file__).parent\n")
    printed = session.runpytest_subprocess("-p", "no:cacheprovider", "--numprocesses", "2").stdout.str()
    assert re.search(
        r"\nIsolation  5       BROKEN \(1\)  \d+ s\nDestroy    1       kept        \d+ s\nBROKEN Isol", printed
    )


def test_a_failed_deployment_is_reported_once(session: pytest.Pytester) -> None:
    (session.path / "broken").touch()
    printed = run(session)
    assert printed.count("could not be checked: staging: exit code 1") == 1
    assert printed.count("could not be checked: for the same reason as test_isolation.py::test_it_is_deployed") == 4
    assert re.search(r"\nDestroy    1       BROKEN \(1\)  \d+ s\n", printed)


def test_destroying_tests_run_last(session: pytest.Pytester) -> None:
    collected = [line for line in run(session, "--collect-only", "-q").splitlines() if "::" in line]
    assert len(collected) > 1
    assert collected[-1] == "test_destroy.py::test_nothing_is_left"


@pytest.mark.parametrize(
    ("stage", "chosen"), [("deploy", 5), ("validate", 2), ("destroy", 5)], ids=["deploy", "validate", "destroy"]
)
def test_a_skipped_stage_leaves_its_tests_out_and_says_so(
    session: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, stage: str, chosen: int
) -> None:
    monkeypatch.setenv(f"MOSAIC_SKIP_{stage.upper()}", "1")
    printed = run(session)
    assert f"{6 - chosen} deselected" in printed
    assert f"stage {stage}: skipped by MOSAIC_SKIP_{stage.upper()}" in printed
    left_out = f"{6 - chosen} check{'s' if chosen < 5 else ''} not made: the stage {stage} is skipped"
    assert left_out in printed


def test_a_stage_is_skipped_by_1_only(session: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOSAIC_SKIP_DEPLOY", "yes")
    result = session.runpytest_inprocess()
    assert "MOSAIC_SKIP_DEPLOY=yes: allowed: 1, or nothing" in result.stderr.str()


@pytest.mark.parametrize(
    ("aws", "chosen"),
    [("staging", ["test_it_is_deployed", "test_it_is_verified"]), ("prod", ["test_it_is_verified"])],
    ids=["staging", "prod"],
)
def test_on_aws_protected_environments_are_only_read(session: pytest.Pytester, aws: str, chosen: list[str]) -> None:
    collected = run(session, "--collect-only", "-q", "--aws", aws).splitlines()
    assert [line.partition("::")[2] for line in collected if "::" in line] == chosen


def test_a_live_test_without_a_promise_is_refused(session: pytest.Pytester) -> None:
    session.makefile(".py", test_other="def test_it(): ...\n")
    result = session.runpytest_inprocess()
    assert "test_other.py::test_it: pytest.mark.promise has nothing; allowed in tests/live, one of: Adoption" in (
        result.stderr.str()
    )


def test_a_test_of_another_folder_needs_no_promise(session: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    live = session.mkdir("live")
    for path in session.path.glob("*.py"):
        path.rename(live / path.name)
    monkeypatch.setattr(conftest, "HERE", live)
    session.makefile(".py", test_unit="def test_it(): ...\n")
    result = session.runpytest_inprocess("-p", "no:cacheprovider", "live", "test_unit.py")
    result.assert_outcomes(passed=6, failed=1)
