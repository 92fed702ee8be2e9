"""Forward the private database to this machine through AWS Systems Manager.

``python -m delivery tunnel INSTANCE_ID [--hosts FILE]``: INSTANCE_ID is an instance that Systems Manager manages and
that reaches the database. The command forwards the database's port to the same local port and points the database's
name at this machine, so certificates and Terraform's configuration stay unchanged. It needs the AWS CLI with its
Session Manager plugin. Exit code 0: the port answers; 2: it does not. docs/workflows.md says when you need it.
"""

import argparse
import json
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from delivery.account.database_server import DatabaseServerError, read_database_server
from delivery.account.session import AccountError, open_session
from modules.model.iam_policies import TUNNEL_DOCUMENT
from modules.model.selected_settings import SHARED

HOSTS = Path("/etc/hosts")
_WAIT_SECONDS = 60.0
_POLL_SECONDS = 0.2


class TunnelError(Exception):
    """The database cannot be reached through the tunnel; the message says why."""


def open_tunnel(instance: str, hosts: Path) -> str:
    """Forward the database's port and return ``HOST:PORT``; the forwarder keeps running. Raises TunnelError."""
    host, port = _database()
    parameters = {"host": [host], "portNumber": [str(port)], "localPortNumber": [str(port)]}
    # Separate from this process's group and terminal, so that it outlives the step; GitHub ends it with the job.
    with tempfile.NamedTemporaryFile(
        "w+", prefix="database-tunnel-", suffix=".log", delete=False, encoding="utf-8"
    ) as log:
        forwarder = subprocess.Popen(
            [
                *("aws", "ssm", "start-session", "--region", SHARED.region, "--target", instance),
                *("--document-name", TUNNEL_DOCUMENT, "--parameters", json.dumps(parameters)),
            ],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    _wait(forwarder, port, Path(log.name))
    _name_this_machine(host, hosts)
    return f"{host}:{port}"


def _database() -> tuple[str, int]:
    try:
        server = read_database_server(open_session(SHARED), SHARED.database_server)
    # ValueError: a variable of the AWS clients is invalid, such as an endpoint.
    except (AccountError, BotoCoreError, ClientError, DatabaseServerError, ValueError) as error:
        raise TunnelError(f"the address of the database {SHARED.database_server.name} is unknown: {error}") from None
    return server.host, server.port


def _wait(forwarder: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + _WAIT_SECONDS
    while True:
        if forwarder.poll() is not None:
            said = log.read_text(encoding="utf-8")[-800:].strip()
            raise TunnelError(f"aws ssm start-session ended with {forwarder.returncode}: {said}")
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError as error:
            if time.monotonic() > deadline:
                forwarder.terminate()
                raise TunnelError(f"port {port} does not answer after {_WAIT_SECONDS:.0f} s: {error}") from None
            time.sleep(_POLL_SECONDS)
        else:
            return


def _name_this_machine(host: str, hosts: Path) -> None:
    """Resolve the database's name to the loopback interface. root owns the file; a runner's user may use sudo."""
    line = f"127.0.0.1 {host}\n"
    try:
        with hosts.open("a", encoding="utf-8") as file:
            file.write(line)
    except PermissionError:
        command = ["sudo", "-n", "tee", "-a", str(hosts)]
        done = subprocess.run(
            command,
            input=line,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            encoding="utf-8",
        )
        if done.returncode:
            raise TunnelError(f"{hosts} cannot be changed: {done.stderr.strip()}") from None


def _instance(text: str) -> str:
    if not re.fullmatch(r"m?i-[0-9a-f]{8,17}", text):
        raise argparse.ArgumentTypeError(f"{text!r} is not an instance ID; allowed: i- or mi- and 8 to 17 hex digits")
    return text


def _hosts(text: str) -> Path:
    if not Path(text).is_file():
        raise argparse.ArgumentTypeError(f"{text!r} is not a file; allowed: an existing file of host names")
    return Path(text)


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse the command line, open the tunnel."""
    parser = argparse.ArgumentParser(prog="python -m delivery tunnel", description=__doc__)
    parser.add_argument("instance", type=_instance, metavar="INSTANCE_ID")
    parser.add_argument("--hosts", type=_hosts, default=HOSTS, help=f"file of host names ({HOSTS})")
    options = parser.parse_args(arguments)
    try:
        place = open_tunnel(options.instance, options.hosts)
    except TunnelError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print(f"{place} can be reached through {options.instance}")
    return 0
