"""The stack's content for each address that a plan can have."""

from collections.abc import Iterator, Mapping

from delivery.plan.document import Plan
from delivery.policy.explanation.evaluation import Unexplained, evaluate
from delivery.policy.explanation.expected import instances
from delivery.policy.explanation.known_values import KnownValues
from delivery.redaction.marks import Unknown
from delivery.terraform.stack_configuration import Body, StackConfiguration

_REGISTRY = "registry.terraform.io"
BUILT_IN = {"terraform": "terraform.io/builtin/terraform"}
Index = str | int | None


class Stack:
    """A synthesized stack with a plan of it, which provides the values of the stack's references.

    document: the stack without CDKTF's metadata. resources, outputs, providers: its blocks by address without
    instances, by name, and by name with alias. known: the values that its expressions can refer to.
    """

    def __init__(self, stack: Mapping[str, object], plan: Plan) -> None:
        configuration = StackConfiguration(stack)
        bodies = configuration.bodies
        self.document: Body = configuration.document
        self.resources = {row: body for row, body in bodies.items() if not row.startswith(("data.", "ephemeral."))}
        self.outputs: dict[str, Body] = self.document.get("output", {})
        self.providers: dict[str, Body] = {
            f"{name}.{body['alias']}" if body.get("alias") else name: body
            for name, rows in self.document.get("provider", {}).items()
            for body in (rows if isinstance(rows, list) else [rows])
        }
        known = KnownValues.of(plan)
        self.known = known.within(local=evaluate(self.document.get("locals", {}), known))

    def instances(self, body: Mapping[str, object]) -> dict[Index, KnownValues] | Unknown | Unexplained:
        """The instances of a block by index, each with its ``each`` and ``count``."""
        if "for_each" in body:
            found = instances(evaluate(body["for_each"], self.known))
            if not isinstance(found, dict):
                return found
            of_set = isinstance(evaluate(body["for_each"], self.known), list)
            pairs = [(str(value), value) if of_set else (str(key), value) for key, value in found.items()]
            return {key: self.known.within(each={"key": key, "value": value}) for key, value in pairs}
        if "count" in body:
            count = evaluate(body["count"], self.known)
            if not isinstance(count, int | float | str) or not str(count).isdecimal():
                return count if isinstance(count, Unexplained | Unknown) else Unexplained(str(count))
            return {index: self.known.within(count={"index": index}) for index in range(int(count))}
        return {None: self.known}

    def provider_of(self, type_: str) -> str | None:
        """The full name of this type's provider; None if the stack does not require it."""
        name = type_.partition("_")[0]
        required = self.document.get("terraform", {}).get("required_providers", {})
        given = required.get(name, {}).get("source") if isinstance(required, dict) else None
        return full_name(given) if isinstance(given, str) else BUILT_IN.get(name)

    def blocks(self, kind: str) -> Iterator[Body]:
        """Every block of a kind that is written as a list, such as ``import``."""
        rows = self.document.get(kind, [])
        yield from (row for row in (rows if isinstance(rows, list) else [rows]) if isinstance(row, dict))

    @property
    def default_tags(self) -> object:
        """The tags that the AWS provider adds to every resource that can have tags."""
        return self.providers.get("aws", {}).get("default_tags")


def full_name(source: str) -> str:
    """A provider's ``source`` in the plan's form: with its registry and namespace."""
    parts = source.split("/")
    return "/".join((*[_REGISTRY, "hashicorp"][: 3 - len(parts)], *parts))
