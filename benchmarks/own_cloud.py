"""A local cloud just for the measurements."""

import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout

from benchmarks.bench import Bench
from benchmarks.row import Row
from tests.account import ACCOUNT
from tests.cloud import state_of_its_own

UP = (sys.executable, "-m", "local", "up")
DOWN = (sys.executable, "-m", "local", "down")


@contextmanager
def own_cloud(bench: Bench, account: str = ACCOUNT) -> Iterator[None]:
    """Let ``python -m local`` use a new state folder, with its programs built; delete the folder at the end.

    account: the account that the cloud holds.
    """
    bench.prepare(Row(name="the local cloud's programs", commands=[(sys.executable, "-m", "local.build")]))
    # The final reset prints a line that belongs to no table.
    with redirect_stdout(io.StringIO()), state_of_its_own(account):
        yield
