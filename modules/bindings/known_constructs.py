"""What Python can tell of constructs, having made them, without asking the kernel."""

import functools
from collections.abc import Callable

from jsii._kernel.types import (
    CreateRequest,
    GetRequest,
    GetResponse,
    InvokeRequest,
    InvokeResponse,
    KernelRequest,
    KernelResponse,
    ObjRef,
)
from jsii._reference_map import resolve_id

NAMING_METHOD = "allocateLogicalId"
_SEPARATOR = "/"


class KnownConstructs:
    """The paths of constructs, and the names that a stack gives to its elements.

    A stack that overrides `TerraformStack._allocate_logical_id` would be asked for each name by the kernel, one after
    the other, while both processes wait. It is asked here, and the kernel told, after the element was made.

    Args:
        ask: sends a request to the kernel, and returns its answer if it has one.

    """

    def __init__(self, ask: Callable[[KernelRequest, type[KernelResponse]], KernelResponse]) -> None:
        self._ask = ask
        self._paths: dict[str, str] = {}
        self._names: dict[str, str] = {}
        self._terraform_types: dict[str, KernelResponse] = {}
        # Of each construct below a stack that gives names: the stack, and its method in Python.
        self._namers: dict[str, tuple[str, str]] = {}
        self._unnamed: dict[str, None] = {}

    def add(self, reference: str, request: CreateRequest) -> None:
        """Take note of a new construct; nothing is known of any other object."""
        match request.args:
            case [scope, str(id_), *_] if hasattr(scope, "__jsii_ref__") and _SEPARATOR not in id_:
                parent = scope.__jsii_ref__.ref
            case _:
                if request.fqn == "cdktf.App":
                    self._paths[reference] = ""
                return
        if parent not in self._paths:
            return
        self._paths[reference] = f"{self._paths[parent]}{_SEPARATOR}{id_}".removeprefix(_SEPARATOR)
        if parent in self._namers:
            self._namers[reference] = self._namers[parent]
            self._unnamed[reference] = None
        for override in request.overrides:
            if override.method == NAMING_METHOD and override.cookie:
                self._namers[reference] = (reference, override.cookie)

    def answer(self, request: KernelRequest) -> KernelResponse | None:
        """Answer what is known. Names are given to what is new before anything else happens."""
        if isinstance(request, InvokeRequest) and request.method in ("overrideLogicalId", "resetOverrideLogicalId"):
            self._unnamed.pop(request.objref.ref, None)
            self._names.pop(request.objref.ref, None)
        if self._unnamed:
            self._give_names()
        if not isinstance(request, GetRequest):
            return None
        reference = request.objref.ref
        if request.property == "node" and reference in self._paths:
            return GetResponse(_known_node(self._paths[reference], lambda: self._ask(request, GetResponse)))
        if request.property == "friendlyUniqueId" and reference in self._names:
            return GetResponse(self._names[reference])
        kind = reference.rpartition("@")[0]
        # A class of a provider is one type of resource; CDKTF's own TerraformResource is any.
        if request.property == "terraformResourceType" and not kind.startswith("cdktf."):
            if kind not in self._terraform_types:
                self._terraform_types[kind] = self._ask(request, GetResponse)
            return self._terraform_types[kind]
        return None

    def _give_names(self) -> None:
        from cdktf import TerraformElement  # noqa: PLC0415 cdktf is imported by now, and was not when this module was

        references, self._unnamed = self._unnamed, {}
        for reference in references:
            element = resolve_id(reference)
            if isinstance(element, TerraformElement):
                stack, method = self._namers[reference]
                name = getattr(resolve_id(stack), method)(element)
                self._ask(InvokeRequest(ObjRef(reference), "overrideLogicalId", [name]), InvokeResponse)
                self._names[reference] = name


def _known_node(path: str, ask: Callable[[], KernelResponse]) -> object:
    """Make a `constructs.Node` that knows its path and id, and asks for its reference when anything else is wanted."""
    known: object = object.__new__(_known_node_class())
    vars(known).update(_path=path, _ask=ask)
    return known


@functools.cache
def _known_node_class() -> type:
    from constructs import Node  # noqa: PLC0415 as above

    class KnownNode(Node):
        _path: str
        _ask: Callable[[], GetResponse]

        @property
        def path(self) -> str:
            return self._path

        @property
        def id(self) -> str:
            return self._path.rpartition(_SEPARATOR)[2]

        @functools.cached_property
        def __jsii_ref__(self) -> object:
            return self._ask().value

    return KnownNode
