"""A local cloud for the tests, beside the developer's."""

import os
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from local import commands as local_cloud
from local.runtime.paths import STATE_VARIABLE, state_folder
from local.runtime.process import Processes
from local.state import Cloud
from modules.model.cloud_selection import ACCOUNT_VARIABLE
from tests.account import ACCOUNT


def new_state_folder() -> Path:
    """Create a folder for a local cloud's state, or a part of it; the caller removes it."""
    # Not pytest's tmp_path: PostgreSQL's user must be able to reach it, and a socket's path must be short.
    folder = Path(tempfile.mkdtemp(prefix="mosaic-"))
    folder.chmod(0o711)
    return folder


@contextmanager
def state_of_its_own(account: str = ACCOUNT) -> Iterator[Path]:
    """Let local.commands work on a new state folder; at the end, stop and forget what was started there.

    account: the one that a cloud there holds.
    """
    folder = new_state_folder()
    with environment_variables({STATE_VARIABLE: str(folder), ACCOUNT_VARIABLE: account}):
        try:
            yield folder
        finally:
            local_cloud.reset()
            shutil.rmtree(folder)


@contextmanager
def running_cloud(account: str = ACCOUNT) -> Iterator[Cloud]:
    """Start a new local cloud that holds this account; stop and forget it at the end."""
    with state_of_its_own(account):
        yield local_cloud.up()


@contextmanager
def kept_cloud(*, anew: bool, keep: bool) -> Iterator[Cloud]:
    """Start the local cloud that this checkout's test sessions share, and nobody else uses.

    anew: forget what an earlier session left there. keep: leave it running at the end.
    """
    developers = state_folder()
    state = developers.with_name(f"{developers.name}-test")
    with environment_variables({STATE_VARIABLE: str(state), ACCOUNT_VARIABLE: ACCOUNT}):
        if anew:
            local_cloud.reset()
        try:
            yield local_cloud.up()
        finally:
            if not keep:
                local_cloud.reset()


def kill(processes: Processes, part: str) -> None:
    """Kill a running part, as if it crashed, and wait for its end."""
    running = processes.find(part)
    assert running is not None, f"{part} was not started"
    assert running.is_alive(), f"{part} had died before"
    running.send(signal.SIGKILL)
    while running.is_alive():
        time.sleep(0.01)


@contextmanager
def environment_variables(variables: Mapping[str, str]) -> Iterator[None]:
    """Set these variables of the process, and restore them at the end."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
