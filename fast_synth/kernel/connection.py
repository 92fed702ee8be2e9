"""Connects jsii's Python side to the kernel that this package started."""

import atexit
import functools
import json
import sys
from collections import deque
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import attr
import jsii
from jsii._kernel.providers.process import ProcessProvider, _NodeProcess, jdefault, ohook
from jsii._kernel.types import (
    CreateRequest,
    CreateResponse,
    GetRequest,
    GetResponse,
    InvokeRequest,
    InvokeResponse,
    KernelRequest,
    KernelResponse,
    LoadRequest,
    LoadResponse,
    ObjRef,
    Override,
    SetRequest,
    SetResponse,
)
from jsii._stack_trace import is_enabled as wants_stack_traces
from jsii.errors import ErrorType, JavaScriptError, JSIIError

from fast_synth.kernel import arguments
from fast_synth.kernel.construct_cache import NAMING_METHOD, ConstructCache
from fast_synth.kernel.process import KernelProcess
from fast_synth.kernel.token_cache import TokenCache

# Frequent methods that return nothing. The kernel does not say, and nearly all other methods return something.
_RETURNING_NOTHING = frozenset({"addOverride", "overrideLogicalId"})
_API = {LoadRequest: "load", CreateRequest: "create", SetRequest: "set", InvokeRequest: "invoke", GetRequest: "get"}
_FIELDS = {kind: tuple(field.name for field in attr.fields(kind)) for kind in _API}
# The answers to this many requests, even if each is an error with its stack trace, fit into a socket's buffer:
# otherwise both sides would wait.
_MOST_OUTSTANDING = 32
# Methods that a class may override in Python: names are set before the kernel asks for them, and stacks are prepared
# while Python waits for `app.synth()`.
_EXPECTED_OVERRIDES = frozenset({NAMING_METHOD, "prepareStack"})
_FIRST_OBJECT = 10_000  # the kernel numbers its objects from here
# Files that never contain a line of the project: those installed beside jsii, and this package's.
_NOT_THE_PROJECT = (f"{Path(jsii.__file__).parents[1]}/", f"{Path(__file__).parents[1]}/")


def connect(process: KernelProcess) -> None:
    """Make jsii use this kernel."""
    jsii.kernel.provider = _Provider(process)
    arguments.install()


class _Provider(ProcessProvider):
    def __init__(self, process: KernelProcess) -> None:
        self._connection = _Connection(process)

    @property
    def _process(self) -> _NodeProcess:
        return self._connection


class _Outstanding(NamedTuple):
    """A request that was sent ahead: the expected start of its answer, and the line of the project that made it."""

    request: KernelRequest
    answer: bytes
    file: str
    line: int

    @property
    def place(self) -> str:
        return f"{self.file}:{self.line}"


class _Connection(_NodeProcess):
    """Sends a request without waiting if its answer is known in advance: Node.js works while Python continues.

    Known answers are those of methods that return nothing, the reference of a new object, which is its type and the
    next number, and the tokens of most attributes (`TokenCache`). The kernel answers requests in order. So the answers
    are read, and compared, before the next request that must wait; at that point an earlier error is raised, with the
    line that caused it.

    The kernel may call Python in between only if a class overrides a method of CDKTF in Python. Names of resources are
    set before the kernel asks (`ConstructCache`), and stacks are prepared in a request that waits; after any other
    class with overrides nothing is sent ahead.
    """

    _process: KernelProcess  # type: ignore[assignment] # it has what jsii's own methods use of a Popen

    def __init__(self, process: KernelProcess) -> None:
        super().__init__()  # type: ignore[no-untyped-call] # jsii's own constructor
        self._process = process
        self._greeted = False
        self._outstanding: deque[_Outstanding] = deque()
        self._next_object = _FIRST_OBJECT
        self._waits_always = wants_stack_traces()  # they go with each request
        self._constructs = ConstructCache(self._ask)
        self._tokens = TokenCache(self._constructs)
        self._encode = json.JSONEncoder(default=_plain, separators=(",", ":")).encode
        self._decode = json.JSONDecoder(object_hook=self._object).decode
        atexit.register(self._settle, 0)  # an error must be seen, even of a program that never synthesizes

    def send(self, request: KernelRequest, response_type: type[KernelResponse]) -> KernelResponse:
        """Send a request and return its answer."""
        response = self._constructs.answer(request)
        if response is None:
            response = self._ask(request, response_type)
            self._write(flush=True)  # at once: Node.js works on it while Python goes on
        if isinstance(request, CreateRequest) and isinstance(response, ObjRef):
            self._constructs.add(response.ref, request)
        return response

    def stop(self) -> None:
        """Stop the kernel. jsii calls it when nothing refers to the connection any more."""
        self._process.stop()

    def _ask(self, request: KernelRequest, response_type: type[KernelResponse]) -> KernelResponse:
        response = self._send_ahead(request)
        if response is None:
            self._settle(0)
            try:
                response = super().send(request, response_type)
            except ConnectionError as error:
                raise self._ended() from error
            self._tokens.learn(request, response)
        return response

    def _send_ahead(self, request: KernelRequest) -> KernelResponse | None:
        """Send a request whose answer is known, and return the answer; do nothing for any other."""
        if isinstance(request, CreateRequest):
            self._waits_always |= any(override.method not in _EXPECTED_OVERRIDES for override in request.overrides)
        if self._waits_always:
            return None
        answer = b'{"ok":'
        response: KernelResponse
        if isinstance(request, LoadRequest):
            response = LoadResponse(assembly=request.name, types=0)
        elif isinstance(request, SetRequest):
            response = SetResponse()
        elif isinstance(request, InvokeRequest) and request.method in _RETURNING_NOTHING:
            response = InvokeResponse()
        elif isinstance(request, CreateRequest) and request.fqn != "Object":
            reference = f"{request.fqn}@{self._next_object}"
            response = CreateResponse(ref=reference)
            answer = b'{"ok":{"$jsii.byref":"%b"' % reference.encode()
        elif isinstance(request, GetRequest) and (token := self._tokens.text(request)):
            response = GetResponse(token)
            answer = b'{"ok":{"value":"%b"' % token.encode()
        elif isinstance(request, InvokeRequest) and (token := self._tokens.text(request)):
            response = InvokeResponse(token)
            answer = b'{"ok":{"result":"%b"' % token.encode()
        else:
            return None
        fields = {name: getattr(request, name) for name in _FIELDS[type(request)]}
        self._write(self._encode({"api": _API[type(request)], **fields}).encode() + b"\n")
        self._outstanding.append(_Outstanding(request, answer, *_place()))
        if isinstance(request, CreateRequest):
            self._next_object += 1
        if len(self._outstanding) > _MOST_OUTSTANDING:
            self._settle(_MOST_OUTSTANDING // 2)
        return response

    def _settle(self, most: int) -> None:
        """Read answers until at most this many are outstanding; after an error, all of them.

        Raises:
            JSIIError: jsii's own errors, and an answer that differs from the expected one.
            RuntimeError: an error that CDKTF raised.

        """
        errors: list[Exception] = []
        if len(self._outstanding) > most:
            self._write(flush=True)
        while len(self._outstanding) > most:
            sent = self._outstanding.popleft()
            line = self._line()
            if not line.startswith(sent.answer):
                errors.append(self._error(sent, self._decode(line.decode())))
                most = 0
        if errors:
            # Without sending ahead, the later requests would not have been sent: most of their errors follow from this
            # one.
            raise errors[0]

    def _error(self, sent: _Outstanding, answer: Mapping[str, Any]) -> Exception:
        if "error" not in answer:
            return JSIIError(
                f"{sent.place}: the jsii kernel answered {answer!r}, expected was {sent.answer.decode()}; "
                "MOSAIC_BINDINGS=full uses jsii without this package"
            )
        message, request = answer["error"], sent.request
        if isinstance(request, CreateRequest):
            self._next_object -= 1  # no object has got this number
        elif isinstance(request, LoadRequest):
            message = f"cannot load {request.name} {request.version}: {message}"
        fault = isinstance(request, LoadRequest) or answer["name"] == ErrorType.JSII_FAULT.value
        error = JSIIError(message) if fault else RuntimeError(message)
        error.add_note(f"asked for by {sent.place}")
        error.__cause__ = JavaScriptError(answer["stack"])  # type: ignore[no-untyped-call] # of jsii
        return error

    def _object(self, document: dict[str, Any]) -> Any:  # noqa: ANN401 whatever JSON holds
        value = ohook(document)  # type: ignore[no-untyped-call] # of jsii
        if isinstance(value, ObjRef):
            self._next_object = max(self._next_object, int(value.ref.rpartition("@")[2]) + 1)
        return value

    def _write(self, line: bytes = b"", *, flush: bool = False) -> None:
        try:
            self._process.stdin.write(line)
            if flush:
                self._process.stdin.flush()
        except ConnectionError as error:
            raise self._ended() from error

    def _line(self) -> bytes:
        if not self._greeted:
            self._greeted = True
            self.handshake()
        line = self._process.stdout.readline()
        if not line:
            raise self._ended()
        return line

    def _next_message(self) -> Mapping[Any, Any]:
        message: Mapping[Any, Any] = self._decode(self._line().decode())
        return message

    def _ended(self) -> JSIIError:
        self._outstanding.clear()
        return JSIIError(f"the jsii kernel (Node.js) ended by itself, with exit status {self._process.wait()}")


def _place() -> tuple[str, int]:
    """The line that made the request: the innermost one outside installed packages and this one."""
    frame = sys._getframe(2)  # noqa: SLF001 the traceback module reads source files, for each request
    while frame.f_back is not None and _is_not_the_project(frame.f_code.co_filename):
        frame = frame.f_back
    return frame.f_code.co_filename, frame.f_lineno


@functools.cache
def _is_not_the_project(file: str) -> bool:
    return file.startswith(_NOT_THE_PROJECT)


def _plain(value: object) -> object:
    """Encode the parts of a request that are not JSON, as jsii does."""
    if isinstance(value, ObjRef):
        return {"$jsii.byref": value.ref, **({"$jsii.interfaces": value.interfaces} if value.interfaces else {})}
    if isinstance(value, Override):
        return {"method": value.method, "property": value.property, "cookie": value.cookie}
    return jdefault(value)  # type: ignore[no-untyped-call] # of jsii
