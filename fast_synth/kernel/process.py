"""The jsii kernel's Node.js process."""

import atexit
import contextlib
import os
import platform
import shutil
import socket
import subprocess
import tempfile
from importlib.machinery import PathFinder
from pathlib import Path

_STOP_SECONDS = 5
_PRELOADED = Path(__file__).parent / "preloaded" / "index.js"


class KernelProcess:
    """Runs jsii's own kernel program, starting when anything of CDKTF is imported.

    jsii would start it later, and through a second Node.js process that copies all messages between Python and the
    kernel.

    Attributes:
        stdin, stdout: the two directions of the conversation, one JSON document per line, named as in
        `subprocess.Popen`.

    Raises:
        FileNotFoundError: Node.js is missing.
        ModuleNotFoundError: jsii is missing.

    """

    def __init__(self) -> None:
        node = shutil.which(os.environ.get("JSII_NODE", "node"))
        if node is None:
            raise FileNotFoundError("CDKTF needs Node.js: PATH holds no `node`, and JSII_NODE does not name it")
        self._folder = tempfile.TemporaryDirectory(prefix="jsii-program-")
        program = _copy_program(Path(self._folder.name))
        self._connection, kernel_end = socket.socketpair()
        with kernel_end:
            # The program expects the conversation on file descriptor 3: the shell moves it there and becomes node. It
            # is passed as standard input, because some shells know only single-digit descriptors.
            command = ["/bin/sh", "-c", 'exec "$@" 3<&0 </dev/null', "sh"]
            command += [node, f"--require={_PRELOADED}", "--max-old-space-size=4069", "--preserve-symlinks"]
            command.append(str(program))
            self._process = subprocess.Popen(
                command,
                stdin=kernel_end.fileno(),
                env={**os.environ, "JSII_AGENT": f"Python/{platform.python_version()}"},
                # Only the caller may read what is synthesized, and what its readers put beside it.
                umask=0o077,
            )
        self.stdin = self._connection.makefile("wb")
        self.stdout = self._connection.makefile("rb")
        atexit.register(self.stop)

    def wait(self) -> int:
        """Wait until the process ends; return its exit status."""
        return self._process.wait()

    def stop(self) -> None:
        """Ask the kernel to end, and wait for it."""
        atexit.unregister(self.stop)
        if self._connection.fileno() == -1:
            return
        with contextlib.suppress(ConnectionError):  # the kernel ended before: nobody is left to read it
            self.stdin.write(b'{"exit":0}\n')
            self.stdin.flush()
        try:
            self._process.wait(timeout=_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.terminate()
        with contextlib.suppress(ConnectionError):
            self.stdin.close()
        self.stdout.close()
        self._connection.close()
        self._folder.cleanup()


def _copy_program(folder: Path) -> Path:
    """Copy the kernel's scripts to the names that they use for each other; jsii ships lib/NAME as lib__NAME."""
    jsii = PathFinder.find_spec("jsii")
    if jsii is None or jsii.origin is None:
        raise ModuleNotFoundError("No module named 'jsii'", name="jsii")
    (folder / "lib").mkdir()
    for script in (Path(jsii.origin).parent / "_embedded" / "jsii").glob("lib__*.js"):
        shutil.copyfile(script, folder / "lib" / script.name.removeprefix("lib__"))
    return folder / "lib" / "program.js"
