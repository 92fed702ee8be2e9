"""The loopback ports of the local cloud's parts: chosen once and stored in the state folder."""

import fcntl
import json
import os
import random
import socket
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import psutil

from local.runtime.errors import LocalCloudError
from local.runtime.paths import cache_folder
from local.runtime.private_files import open_lock, write_private

HOST = "127.0.0.1"
AWS = "aws"
POSTGRESQL = "postgresql"
KUBE_APISERVER = "kube-apiserver"
FRONT_DOOR = "front-door"
FRONT_DOOR_HTTP = "front-door-http"

# These three are known outside the local cloud (Terraform state, secrets, a kubeconfig), so they never change.
_PUBLIC = (AWS, POSTGRESQL, KUBE_APISERVER)
_INTERNAL = (
    "etcd",
    "etcd-peer",
    "kube-controller-manager",
    "kube-scheduler",
    "kwok",
    "token-authenticator",
    "external-secrets",
    "migration-player",
    "aws-load-balancer-controller",
    "aws-load-balancer-controller-webhook",
    "external-dns",
    FRONT_DOOR,
    FRONT_DOOR_HTTP,
)
# Below the ranges from which Linux (32768) and macOS (49152) take the ports of outgoing connections: any client could
# be using a port in those at the next start.
_RANGE = range(20000, 32768)
_FILE = "ports.json"
# In the cache: the state folders whose ports are taken, and the lock of whoever chooses.
_FOLDERS = "state-folders"
_ATTEMPTS = 100
_CLOSING_SECONDS = 3.0


def assigned_ports(state: Path, *, renew_internal: bool) -> Mapping[str, int]:
    """Return each part's port, after choosing a free one for every part that has none yet.

    ``renew_internal``: replace busy ports that only the parts themselves know; use it only while no part runs.

    Raises:
        LocalCloudError: no free port was found.

    """
    known = _stored(state)
    renewed = {name for name in _INTERNAL if renew_internal and name in known and is_busy(known[name])}
    ports = {name: port for name, port in known.items() if name not in renewed}
    missing = [name for name in (*_PUBLIC, *_INTERNAL) if name not in ports]
    if missing:
        with _ports_of_others(state) as others:
            for name in missing:
                ports[name] = _free_port({*others, *known.values(), *ports.values()})
            write_private(state / _FILE, json.dumps(ports, indent=2))
    return ports


def _stored(state: Path) -> dict[str, int]:
    file = state / _FILE
    stored: dict[str, int] = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    return stored


@contextmanager
def _ports_of_others(state: Path) -> Iterator[set[int]]:
    """Yield the ports of this user's other local clouds; meanwhile no other command chooses any.

    A part listens on its port long after it was chosen, and not while the cloud is stopped.
    """
    cache = cache_folder()
    if not os.access(cache, os.W_OK):
        # It belongs to root, who shares programs with this user but no list.
        yield set()
        return
    with open_lock(cache / _FOLDERS) as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        folders = {Path(line) for line in file.read().splitlines()} - {state}
        others = {folder: stored for folder in folders if (stored := _stored(folder))}
        yield {port for stored in others.values() for port in stored.values()}
        file.truncate(0)
        file.writelines(f"{folder}\n" for folder in (*others, state))


def is_busy(port: int) -> bool:
    """Return whether a process listens on this loopback port."""
    with socket.socket() as probe:
        # As the servers themselves do: connections of an earlier server that are still closing do not count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return True
        return False


def require_free(part: str, port: int) -> None:
    """Check that the part can listen on its port.

    Raises:
        LocalCloudError: another process holds it; the message names the port, the part and that process.

    """
    # `ps` stops listing a killed server shortly before its last thread closes the socket.
    deadline = time.monotonic() + _CLOSING_SECONDS
    while is_busy(port):
        if time.monotonic() < deadline:
            time.sleep(0.05)
            continue
        raise LocalCloudError(
            f"port {port} of {part} is busy: {_holder(port)} listens on it. "
            "Stop that process and run `up` again; `reset` forgets the ports, and all state with them."
        )


def _holder(port: int) -> str:
    try:
        connections = psutil.net_connections(kind="tcp")
    except psutil.AccessDenied:
        connections = []
    for it in connections:
        if it.status == psutil.CONN_LISTEN and it.laddr and it.laddr.port == port and it.pid:
            return f"process {it.pid} ({psutil.Process(it.pid).name()})"
    # Only root, and the process's own user, may see whose socket it is.
    return "a process of another user"


def _free_port(taken: set[int]) -> int:
    for port in random.sample(_RANGE, _ATTEMPTS):
        if port not in taken and not is_busy(port):
            return port
    raise LocalCloudError(f"no free port among {_ATTEMPTS} tried between {_RANGE.start} and {_RANGE.stop - 1}.")
