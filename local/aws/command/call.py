"""What `bin/aws` of the local cloud executes: ``call.py SOCKET PROGRAM [WORD ...]``, with the standard library only.

SOCKET: of the process that has the command's modules loaded (local/aws/command/program.py). PROGRAM: the aws command
itself. It runs instead wherever the other process would behave differently, in a terminal for example, or cannot be
reached.
"""

import contextlib
import os
import socket
import sys

_CONNECTING_SECONDS = 2.0


def main() -> None:
    """Exit as the command does."""
    path, program, *words = sys.argv[1:]
    connection = None
    if "AWS_DATA_PATH" not in os.environ and not any(map(os.isatty, (0, 1, 2))):
        # The local cloud is stopped, or a standard stream is closed: nothing has run yet.
        with contextlib.suppress(OSError):
            connection = _send(path, words)
    if connection is None:
        os.execv(program, [program, *words])  # noqa: S606
    answer = connection.recv(1)
    if not answer:
        sys.exit("aws: the local cloud's process ended before the command did")
    # No exit handler has anything to do.
    os._exit(answer[0])


def _send(path: str, words: list[str]) -> socket.socket:
    """Send the command with everything that it inherits. It runs only once all of that has arrived."""
    here = os.getcwd()  # noqa: PTH109 as below
    umask = os.umask(0o077)
    os.umask(umask)
    fields = [str(len(words)), *words, here, str(umask), *(f"{name}={value}" for name, value in os.environ.items())]
    message = b"\0".join(map(os.fsencode, fields))
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(_CONNECTING_SECONDS)
    # No address of a socket may be longer than about a hundred bytes.
    os.chdir(os.path.dirname(path))  # noqa: PTH120 pathlib takes as long to import as all of this
    try:
        connection.connect(os.path.basename(path))  # noqa: PTH119
    finally:
        os.chdir(here)
    socket.send_fds(connection, [len(message).to_bytes(4)], [0, 1, 2])
    connection.sendall(message)
    connection.settimeout(None)
    return connection


if __name__ == "__main__":
    main()
