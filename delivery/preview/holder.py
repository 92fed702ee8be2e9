"""Who holds a lease, and whether the holder is known to be dead before the lease expires."""

import os
import socket
from collections.abc import Mapping

import psutil

from delivery.preview.lease import Lease

# Child processes inherit it: a lease lasts as long as any process of its run.
VARIABLE = "MOSAIC_PREVIEW_LEASE"


def own_name(variables: Mapping[str, str] = os.environ) -> str:
    """Return the name that this process puts on a lease: its workflow run, or user, host and process id."""
    names = ("GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "GITHUB_RUN_ID")
    if all(variables.get(name) for name in names):
        server, repository, run = (variables[name] for name in names)
        return f"{server}/{repository}/actions/runs/{run}"
    return f"{_here()}:{os.getpid()}"


def is_gone(lease: Lease, variables: Mapping[str, str] = os.environ) -> bool:
    """Whether the lease names a run of this user and machine that has no process left.

    Nothing is known about other users or machines, nor in CI, where many machines share one name.
    """
    whose, _, number = lease.by.rpartition(":")
    if whose != _here() or variables.get("CI") or not number.isdecimal():
        return False
    return not _is_running(int(number)) and not any(_carries(process, lease) for process in psutil.process_iter())


def _here() -> str:
    return f"{psutil.Process().username()}@{socket.gethostname()}"


def _is_running(number: int) -> bool:
    try:
        return psutil.Process(number).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _carries(process: psutil.Process, lease: Lease) -> bool:
    try:
        return process.environ().get(VARIABLE) == lease.by
    except psutil.Error:
        # It belongs to another user, whom this lease does not name, or it has ended.
        return False
