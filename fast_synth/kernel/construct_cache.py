"""What Python knows about the constructs that it created, without asking the kernel."""

import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from jsii._kernel.types import (
    CreateRequest,
    GetRequest,
    GetResponse,
    InvokeRequest,
    InvokeResponse,
    KernelRequest,
    KernelResponse,
    ObjRef,
    SetRequest,
    StaticInvokeRequest,
)
from jsii._reference_map import resolve_id

from fast_synth.framework import PACKAGE, PROVIDER_NPM_PREFIX

NAMING_METHOD = "allocateLogicalId"
_SEPARATOR = "/"
_APP = f"{PACKAGE}.App"
_RESOURCE = f"{PACKAGE}.TerraformResource"
_STACK = f"{PACKAGE}.TerraformStack"
# Classes that create no constructs by themselves, so that Python created everything below them. So do all classes of a
# provider.
_MAKING_NONE = frozenset({_APP, f"{PACKAGE}.S3Backend", _RESOURCE, "constructs.Construct", _STACK})
_MAKING_NONE_METHODS = ("addOverride", "overrideLogicalId", "get", "put", "reset")


@dataclass(slots=True, eq=False)
class _Construct:
    """A construct that Python created.

    Attributes:
        reference: the kernel's name for it, TYPE@NUMBER.
        type: its class in JavaScript, such as `@cdktf/provider-aws.s3Bucket.S3Bucket`.
        path: its `node.path`.
        stack: its stack, or itself if it is one; None if unknown.
        naming: for a stack whose Python class names its elements: the method.
        name: its name in Terraform, if Python set it.
        children: in order of creation.
        all_known: False if it may have children that JavaScript created.
        depends_on: the addresses that it depends on; None if unknown.
        terraform_type: its type in Terraform, if Python set it on creation.

    """

    reference: str
    type: str
    path: str
    stack: "_Construct | None" = None
    naming: str | None = None
    name: str | None = None
    children: "list[_Construct]" = field(default_factory=list)
    all_known: bool = True
    depends_on: list[str] | None = None
    terraform_type: str = ""


class NamedElement(NamedTuple):
    """An element's identity in Terraform: its kind, the path of its stack, and its name there."""

    kind: tuple[str, str]
    stack: str
    name: str


class ConstructCache:
    """The tree of constructs, and the names that a stack gives to its elements.

    If a stack overrides `TerraformStack._allocate_logical_id`, the kernel would ask it for each name in turn, and one
    of the two processes would always wait. Instead the stack is asked after an element was created, and the name is
    sent along.

    Args:
        ask: sends a request to the kernel, and returns its answer if it has one.

    """

    def __init__(self, ask: Callable[[KernelRequest, type[KernelResponse]], KernelResponse]) -> None:
        self._ask = ask
        self._constructs: dict[str, _Construct] = {}
        self._unnamed: dict[str, _Construct] = {}
        self._terraform_types: dict[str, KernelResponse] = {}
        self._all_known = True

    def add(self, reference: str, request: CreateRequest) -> None:
        """Record a new construct; other objects are not tracked."""
        args = request.args or []
        parent = self._constructs.get(_reference(args[0])) if args else None
        match args:
            case [_, str(id_), *config] if parent is not None and _SEPARATOR not in id_:
                path = f"{parent.path}{_SEPARATOR}{id_}".removeprefix(_SEPARATOR)
                construct = _Construct(reference, request.fqn, path, stack=parent.stack)
                parent.children.append(construct)
            case _ if request.fqn == _APP:
                construct, config = _Construct(reference, request.fqn, ""), []
            case _:
                for arg in args:  # it may have become a child of one of them
                    self._doubt(_reference(arg))
                return
        self._constructs[reference] = construct
        construct.all_known = request.fqn in _MAKING_NONE or request.fqn.startswith(PROVIDER_NPM_PREFIX)
        if request.fqn == _STACK:
            construct.stack = construct
            construct.naming = next((o.cookie for o in request.overrides if o.method == NAMING_METHOD), None)
        elif not request.fqn.startswith((f"{PACKAGE}.", "constructs.", PROVIDER_NPM_PREFIX)):
            construct.stack = None  # another library's: it may be one
        given = _arguments(config)
        if request.fqn.startswith(PROVIDER_NPM_PREFIX):
            construct.depends_on = None if "dependsOn" in given else []
        elif request.fqn == _RESOURCE:
            construct.terraform_type = str(given.get("terraformResourceType", ""))
        if construct.stack and construct.stack.naming and construct is not construct.stack:
            self._unnamed[reference] = construct

    def answer(self, request: KernelRequest) -> KernelResponse | None:
        """Answer the request if the answer is known. New constructs are named before anything else happens."""
        if isinstance(request, InvokeRequest):
            self._note_call(request)
        elif isinstance(request, SetRequest):
            self._note_value(request)
        if self._unnamed:
            self._give_names()
        if isinstance(request, GetRequest):
            construct = self._constructs.get(request.objref.ref)
            return self._property(construct, request) if construct else None
        if isinstance(request, StaticInvokeRequest):
            return self._stack(request)
        return None

    def named(self, reference: str) -> NamedElement | None:
        """Return an element's identity in Terraform; None if Python did not name it."""
        construct = self._constructs.get(reference)
        if construct is None or construct.stack is None or construct.name is None:
            return None
        return NamedElement((construct.type, construct.terraform_type), construct.stack.path, construct.name)

    def _note_call(self, request: InvokeRequest) -> None:
        """Record what a method may change."""
        reference = request.objref.ref
        if request.method in ("overrideLogicalId", "resetOverrideLogicalId"):
            self._unnamed.pop(reference, None)
            if reference in self._constructs:
                self._constructs[reference].name = None
        if request.method == "tryRemoveChild":
            self._all_known = False
        elif not request.method.startswith(_MAKING_NONE_METHODS):
            self._doubt(reference)

    def _note_value(self, request: SetRequest) -> None:
        """Record a property's new value."""
        construct = self._constructs.get(request.objref.ref)
        if construct is not None and request.property == "dependsOn":
            value: Any = request.value
            plain = isinstance(value, list) and all(isinstance(item, str) for item in value)
            construct.depends_on = list(value) if plain else None

    def _doubt(self, reference: str) -> None:
        if reference in self._constructs:
            self._constructs[reference].all_known = False

    def _property(self, construct: _Construct, request: GetRequest) -> KernelResponse | None:
        match request.property:
            case "node":
                return GetResponse(_cached_node(self, construct, lambda: self._ask(request, GetResponse)))
            case "friendlyUniqueId" if construct.name:
                return GetResponse(construct.name)
            case "dependsOn" if construct.depends_on is not None:
                return GetResponse(list(construct.depends_on) or None)
            case "terraformResourceType" if construct.terraform_type:
                return GetResponse(construct.terraform_type)
            # A provider's class is one type of resource.
            case "terraformResourceType" if not construct.type.startswith(f"{PACKAGE}."):
                if construct.type not in self._terraform_types:
                    self._terraform_types[construct.type] = self._ask(request, GetResponse)
                return self._terraform_types[construct.type]
        return None

    def _stack(self, request: StaticInvokeRequest) -> KernelResponse | None:
        if (request.fqn, request.method) == (_STACK, "of") and request.args:
            construct = self._constructs.get(_reference(request.args[0]))
            if construct and construct.stack:
                return InvokeResponse(ObjRef(construct.stack.reference))
        return None

    def below(self, construct: _Construct) -> list[str] | None:
        """Return a construct and everything below it, parents before children; None if that is unknown."""

        def walk(construct: _Construct) -> Iterator[_Construct]:
            yield construct
            for child in construct.children:
                yield from walk(child)

        tree = list(walk(construct))
        return [one.reference for one in tree] if self._all_known and all(one.all_known for one in tree) else None

    def _give_names(self) -> None:
        from cdktf import TerraformElement  # noqa: PLC0415 cdktf is imported by now, and was not when this module was

        unnamed, self._unnamed = self._unnamed, {}
        for reference, construct in unnamed.items():
            element, stack = resolve_id(reference), construct.stack
            if isinstance(element, TerraformElement) and stack and stack.naming:
                name = getattr(resolve_id(stack.reference), stack.naming)(element)
                self._ask(InvokeRequest(ObjRef(reference), "overrideLogicalId", [name]), InvokeResponse)
                construct.name = name


def _reference(value: object) -> str:
    reference = getattr(value, "__jsii_ref__", None)
    return reference.ref if reference else ""


def _arguments(config: list[Any]) -> dict[str, object]:
    match config:
        case [{"$jsii.struct": {"data": dict(arguments)}}]:
            return arguments
    return {}


def _cached_node(constructs: ConstructCache, construct: _Construct, ask: Callable[[], KernelResponse]) -> object:
    """Create a `constructs.Node` that asks for its reference only when it needs something unknown."""
    known: object = object.__new__(_cached_node_class())
    vars(known).update(_constructs=constructs, _construct=construct, _ask=ask)
    return known


@functools.cache
def _cached_node_class() -> type:
    from constructs import ConstructOrder, IConstruct, Node  # noqa: PLC0415 as above

    class CachedNode(Node):
        _constructs: ConstructCache
        _construct: _Construct
        _ask: Callable[[], GetResponse]

        @property
        def path(self) -> str:
            return self._construct.path

        @property
        def id(self) -> str:
            return self._construct.path.rpartition(_SEPARATOR)[2]

        def find_all(self, order: ConstructOrder | None = None) -> list[IConstruct]:
            references = self._constructs.below(self._construct) if order is None else None
            if references is None:
                return super().find_all(order)
            return [resolve_id(reference) for reference in references]

        @functools.cached_property
        def __jsii_ref__(self) -> object:
            return self._ask().value

    return CachedNode
