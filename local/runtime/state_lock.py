"""Lets one command at a time change a state folder."""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from local.runtime.private_files import open_lock

LOCK = "lock"


@contextmanager
def locked(state: Path, report: Callable[[str], object]) -> Iterator[None]:
    """Wait for and hold the state folder's lock. The system frees it however the command ends.

    Raises:
        LocalCloudError: the lock file is a link, belongs to somebody else, or cannot be written.

    """
    with open_lock(state / LOCK) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            report(f"another command (process {file.read().strip()}) is using the local cloud; waiting for it")
            fcntl.flock(file, fcntl.LOCK_EX)
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield
