"""How jsii's Python side talks to the kernel that this package started."""

import json
from collections.abc import Mapping
from typing import Any

import jsii
from jsii._kernel.providers.process import ProcessProvider, _NodeProcess, ohook
from jsii._kernel.types import KernelRequest, KernelResponse, LoadRequest, LoadResponse
from jsii.errors import JSIIError

from modules.bindings.kernel_process import KernelProcess


def connect(process: KernelProcess) -> None:
    """Let jsii use this kernel."""
    jsii.kernel.provider = _Provider(process)


class _Provider(ProcessProvider):
    def __init__(self, process: KernelProcess) -> None:
        self._connection = _Connection(process)

    @property
    def _process(self) -> _NodeProcess:
        return self._connection


class _Connection(_NodeProcess):
    """Asks for assemblies without waiting for them: Node.js loads them while Python goes on importing.

    The kernel answers in the order of the requests, so the answer to a `load` can be read before the next request of
    another kind. That is where a failed load is raised.
    """

    _process: KernelProcess  # type: ignore[assignment] # it has what jsii's own methods use of a Popen

    def __init__(self, process: KernelProcess) -> None:
        super().__init__()  # type: ignore[no-untyped-call] # jsii's own constructor
        self._process = process
        self._greeted = False
        self._loading: list[LoadRequest] = []

    def send(self, request: KernelRequest, response_type: type[KernelResponse]) -> KernelResponse:
        """Send a request and return its answer, or, for a load, a promise that it has been asked for."""
        try:
            if isinstance(request, LoadRequest):
                self._process.stdin.write(json.dumps(self._serializer.unstructure(request)).encode() + b"\n")
                self._process.stdin.flush()
                self._loading.append(request)
                return LoadResponse(assembly=request.name, types=0)
            self._finish_loading()
            return super().send(request, response_type)
        except ConnectionError as error:
            raise self._ended() from error

    def stop(self) -> None:
        """End the kernel. jsii calls it when nothing refers to the connection any more."""
        self._process.stop()

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
        line = self._process.stdout.readline()
        if not line:
            raise self._ended()
        message: Mapping[Any, Any] = json.loads(line, object_hook=ohook)
        return message

    def _ended(self) -> JSIIError:
        return JSIIError(f"the jsii kernel (Node.js) ended by itself, with exit status {self._process.wait()}")
