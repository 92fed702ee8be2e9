"""The jsii kernel as one Node.js process, which loads assemblies while Python goes on importing."""

import atexit
import json
import os
import platform
import shutil
import socket
import subprocess
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import jsii
from jsii._kernel.providers.process import ProcessProvider, _NodeProcess, ohook
from jsii._kernel.types import KernelRequest, KernelResponse, LoadRequest, LoadResponse
from jsii.errors import JSIIError

_STOP_SECONDS = 5


def install() -> None:
    """Let jsii talk to its kernel in this way. Does nothing where `JSII_RUNTIME` asks for another runtime."""
    if "JSII_RUNTIME" not in os.environ:
        jsii.kernel.provider = _DirectProvider()


class _DirectProvider(ProcessProvider):
    @cached_property
    def _process(self) -> _NodeProcess:
        process = _DirectProcess()  # type: ignore[no-untyped-call] # jsii's own constructor
        process.start()
        return process


class _DirectProcess(_NodeProcess):
    """Runs jsii's program.js itself: jsii starts a Node.js process that starts another one and copies what both say.

    The kernel answers in the order of the requests, so nobody needs to wait for the answer to a `load`: it is read
    before the next request of another kind, and an error is raised there.
    """

    def start(self) -> None:
        """Start Node.js, without waiting until it is ready.

        Raises:
            FileNotFoundError: there is no Node.js.

        """
        node = shutil.which(os.environ.get("JSII_NODE", "node"))
        if node is None:
            raise FileNotFoundError("CDKTF needs Node.js: PATH holds no `node`, and JSII_NODE does not name it")
        program = Path(self._jsii_runtime()).parent.parent / "lib" / "program.js"
        self._connection, kernel_end = socket.socketpair()
        with kernel_end:
            # program.js expects the conversation on file descriptor 3: the shell moves it there and becomes node. It is
            # handed over as standard input, because a shell may know descriptors of one digit only.
            command = ["/bin/sh", "-c", 'exec "$@" 3<&0 </dev/null', "sh"]
            command += [node, "--max-old-space-size=4069", "--preserve-symlinks", str(program)]
            self._process = subprocess.Popen(
                command,
                stdin=kernel_end.fileno(),
                env={**os.environ, "JSII_AGENT": f"Python/{platform.python_version()}"},
            )
        # Where jsii's own send() looks for them.
        self._process.stdin = self._requests = self._connection.makefile("wb")
        self._process.stdout = self._answers = self._connection.makefile("rb")
        self._greeted = False
        self._loading: list[LoadRequest] = []
        atexit.register(self.stop)

    def send(self, request: KernelRequest, response_type: type[KernelResponse]) -> KernelResponse:
        """Send a request and return its answer, or, for a load, a promise that it has been asked for."""
        if isinstance(request, LoadRequest):
            self._write(self._serializer.unstructure(request))
            self._loading.append(request)
            return LoadResponse(assembly=request.name, types=0)
        self._finish_loading()
        return super().send(request, response_type)

    def stop(self) -> None:
        """Ask the kernel to end, and wait for it."""
        atexit.unregister(self.stop)
        if self._connection.fileno() == -1:
            return
        if self._process.poll() is None:
            self._write({"exit": 0})
        try:
            self._process.wait(timeout=_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.terminate()
        self._requests.close()
        self._answers.close()
        self._connection.close()
        self._ctx_stack.close()

    def _finish_loading(self) -> None:
        if not self._greeted:
            self.handshake()
            self._greeted = True
        while self._loading:
            request = self._loading.pop(0)
            answer = self._next_message()
            if "error" in answer:
                raise JSIIError(f"cannot load {request.name} {request.version}: {answer['error']}")

    def _next_message(self) -> Mapping[Any, Any]:
        line = self._answers.readline()
        if not line:
            raise JSIIError(f"the jsii kernel (Node.js) ended by itself, with exit status {self._process.wait()}")
        message: Mapping[Any, Any] = json.loads(line, object_hook=ohook)
        return message

    def _write(self, message: Mapping[str, Any]) -> None:
        self._requests.write(json.dumps(message).encode() + b"\n")
        self._requests.flush()
