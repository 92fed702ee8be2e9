"""Runs the aws command for `bin/aws`, in forks of a process that has its modules loaded: ``program SOCKET``.

A deploy calls the command some twenty times. Each call takes half a second of processor time, nearly all of it for
importing modules and parsing the descriptions of AWS's services. A fork has both. Everything else is its caller's:
words, variables, folder, umask and open standard streams.

The program ends when its standard input does: a pipe that the AWS server holds open and writes nothing to.
"""

import functools
import io
import os
import select
import signal
import socket
import sys
import threading
import traceback
from collections.abc import Callable
from pathlib import Path

_STANDARD_STREAMS = 3
# As an unhandled exception ends Python.
_FAILED = 1
# The services that a deploy calls.
_SERVICES = ("eks", "secretsmanager", "sts")
# The command sets it while it is imported, to where its own descriptions are. call.py refuses a caller's.
_DESCRIPTIONS = "AWS_DATA_PATH"


def main(path: Path) -> None:
    """Serve until standard input ends. path: of the socket, which only this user may reach."""
    # Children are nobody's to wait for.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    path.unlink(missing_ok=True)
    # No address of a socket may be longer than about a hundred bytes.
    os.chdir(path.parent)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path.name)
        listener.listen(socket.SOMAXCONN)
        while sys.stdin not in select.select([listener, sys.stdin], [], [])[0]:
            connection, _ = listener.accept()
            command = _command()
            if os.fork() == 0:
                listener.close()
                _run(connection, command)
            connection.close()


@functools.cache
def _command() -> Callable[[], int | None]:
    """Load the command, but not before its first call: many local clouds are never deployed to."""
    # Each fork reads its caller's. Here they could only fail to be read.
    os.environ |= {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}
    import awscli.clidriver  # type: ignore[import-untyped] # noqa: PLC0415
    import botocore.session  # noqa: PLC0415 the command's own copy, which it offers under this name

    # Sessions would otherwise each have a loader, with a cache of its own.
    botocore.session.create_loader = functools.cache(botocore.session.create_loader)
    session = awscli.clidriver.create_clidriver().session
    for service in _SERVICES:
        session.create_client(service, region_name="us-east-1", aws_access_key_id="unused", aws_secret_access_key="")
    main: Callable[[], int | None] = awscli.clidriver.main
    return main


def _run(connection: socket.socket, command: Callable[[], int | None]) -> None:
    """Run one call, send its exit code, and end this process."""
    code = _FAILED
    try:
        _become_caller(connection)
        threading.Thread(target=_end_with_caller, args=(connection,), daemon=True).start()
        sys.exit(command())
    except SystemExit as ended:
        if isinstance(ended.code, str):
            print(ended.code, file=sys.stderr)
        else:
            code = (ended.code or 0) & 0xFF
    except BaseException:  # noqa: BLE001 its caller is told
        traceback.print_exc()
    finally:
        try:
            for stream in (sys.stdout, sys.stderr):
                stream.flush()
            connection.send(bytes([code]))
        finally:
            os._exit(code)


def _become_caller(connection: socket.socket) -> None:
    header, streams, _, _ = socket.recv_fds(connection, 4, _STANDARD_STREAMS)
    length = int.from_bytes(header)
    message = b""
    while len(message) < length:
        if not (part := connection.recv(length - len(message))):
            # Its caller ended, or runs the command itself.
            os._exit(_FAILED)
        message += part
    count, *fields = map(os.fsdecode, message.split(b"\0"))
    words, (folder, umask, *variables) = fields[: int(count)], fields[int(count) :]
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    sys.stdin, sys.stdout, sys.stderr = (
        io.TextIOWrapper(os.fdopen(number, mode, closefd=False), "utf-8", line_buffering=number == 2)
        for number, mode in enumerate(("rb", "wb", "wb"))
    )
    descriptions = os.environ[_DESCRIPTIONS]
    os.environ.clear()
    for variable in variables:
        name, _, os.environ[name] = variable.partition("=")
    os.environ[_DESCRIPTIONS] = descriptions
    os.umask(int(umask))
    os.chdir(folder)
    sys.argv = ["aws", *words]
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)


def _end_with_caller(connection: socket.socket) -> None:
    """End this process when its caller has ended, for example by Ctrl-C."""
    connection.recv(1)
    os._exit(_FAILED)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
