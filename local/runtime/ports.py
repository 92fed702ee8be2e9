"""The loopback ports of the local cloud's parts: chosen once and stored in the state folder."""

import json
import random
import socket
import time
from collections.abc import Mapping
from pathlib import Path

import psutil

from local.runtime.errors import LocalCloudError
from local.runtime.private_files import write_private

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
_ATTEMPTS = 100
_CLOSING_SECONDS = 3.0


def assigned_ports(state: Path, *, renew_internal: bool) -> Mapping[str, int]:
    """Return each part's port, after choosing a free one for every part that has none yet.

    ``renew_internal``: replace busy ports that only the parts themselves know; use it only while no part runs.

    Raises:
        LocalCloudError: no free port was found.

    """
    file = state / "ports.json"
    known: dict[str, int] = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    ports: dict[str, int] = {}
    for name in (*_PUBLIC, *_INTERNAL):
        port = known.get(name)
        if port is None or (renew_internal and name in _INTERNAL and is_busy(port)):
            port = _free_port({*known.values(), *ports.values()})
        ports[name] = port
    if ports != known:
        write_private(file, json.dumps(ports, indent=2))
    return ports


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
