"""A lease's holder, and when its process is known to be gone."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest

from delivery.preview.holder import VARIABLE, is_gone, own_name
from delivery.preview.lease import Lease
from tests.delivery.preview.recorded import NOW

HERE = own_name({}).rpartition(":")[0]
WAITING = "import sys; print(flush=True); sys.stdin.read()"


def lease(by: str) -> Lease:
    return Lease(what="deploy", by=by, until=NOW + timedelta(minutes=45))


@contextmanager
def waiting(**variables: str) -> Iterator[int]:
    """Start a waiting process with these variables; yield its id."""
    with subprocess.Popen(
        [sys.executable, "-c", WAITING],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, **variables},
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        yield process.pid
        assert process.stdin is not None
        process.stdin.close()


def test_a_local_process_holds_its_lease_while_it_lives() -> None:
    with waiting() as number:
        assert not is_gone(lease(f"{HERE}:{number}"), {})
    assert is_gone(lease(f"{HERE}:{number}"), {})


def test_children_of_a_dead_process_still_hold_its_lease() -> None:
    with waiting() as dead:
        pass
    mine = lease(f"{HERE}:{dead}")
    with waiting(**{VARIABLE: mine.by}):
        assert not is_gone(mine, {})
    assert is_gone(mine, {})


@pytest.mark.parametrize(
    "by",
    [
        "https://github.com/mosaic-stories/platform/actions/runs/1",
        "somebody@else:1",
        f"{HERE}:",
        f"{HERE}:x",
        "",
    ],
)
def test_other_holders_are_never_known_to_be_gone(by: str) -> None:
    assert not is_gone(lease(by), {})


def test_in_ci_many_machines_share_a_name() -> None:
    with waiting() as number:
        pass
    assert not is_gone(lease(f"{HERE}:{number}"), {"CI": "true"})


def test_a_workflow_run_is_identified_by_its_url() -> None:
    variables = {
        "GITHUB_SERVER_URL": "https://github.com",
        "GITHUB_REPOSITORY": "mosaic-stories/platform",
        "GITHUB_RUN_ID": "7",
    }
    assert own_name(variables) == "https://github.com/mosaic-stories/platform/actions/runs/7"
    assert own_name({}) == f"{HERE}:{os.getpid()}"
