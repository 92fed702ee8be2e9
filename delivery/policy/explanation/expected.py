"""The values that a plan must have for a block of the stack, with dynamic blocks expanded."""

from collections.abc import Mapping

from delivery.policy.explanation.evaluation import Unexplained, evaluate
from delivery.policy.explanation.known_values import KnownValues
from delivery.policy.explanation.provider_schema import Block
from delivery.redaction.marks import UNKNOWN, Sensitive, Unknown

# Arguments of the block itself, not of the object that it describes.
META_ARGUMENTS = frozenset(
    ("connection", "count", "depends_on", "dynamic", "for_each", "lifecycle", "provider", "provisioner")
)


def expected(schema: Block, body: Mapping[str, object], known: KnownValues) -> dict[str, object]:
    """The values by name; a missing name is not configured.

    Blocks are lists of objects (an object if the schema nests a single one, objects by key if it nests a map).
    A dynamic block whose collection is not known is ``UNKNOWN`` or ``Unexplained``.
    """
    found: dict[str, object] = {}
    for name, given in body.items():
        if name in META_ARGUMENTS or given is None:
            continue
        nested = schema.blocks.get(name)
        if nested is None:
            found[name] = evaluate(given, known)
        elif nested.nesting in ("list", "set"):
            found[name] = [expected(nested.block, row, known) for row in _rows(given)]
        elif nested.nesting == "map" and isinstance(given, Mapping):
            found[name] = {key: expected(nested.block, row, known) for key, row in given.items()}
        else:
            found[name] = next((expected(nested.block, row, known) for row in _rows(given)), None)
    for dynamic in _rows(body.get("dynamic")):
        for name, row in dynamic.items():
            nested = schema.blocks.get(name)
            for each in _rows(row):
                made = _dynamic(nested.block if nested else Block(), name, each, known)
                present = found.get(name, [])
                found[name] = [*present, *made] if isinstance(made, list) and isinstance(present, list) else made
    return found


def _dynamic(
    schema: Block, name: str, body: Mapping[str, object], known: KnownValues
) -> list[object] | Unknown | Unexplained:
    iterator = str(body.get("iterator", name))
    collection = instances(evaluate(body.get("for_each"), known))
    if not isinstance(collection, dict):
        return collection
    contents = _rows(body.get("content"))
    return [
        expected(schema, content, known.within(**{iterator: {"key": key, "value": value}}))
        for key, value in collection.items()
        for content in contents
    ]


def instances(collection: object) -> dict[str | int, object] | Unknown | Unexplained:
    """Each key of a ``for_each`` with its value, in Terraform's order; ``UNKNOWN`` or ``Unexplained`` if unknown."""
    if isinstance(collection, Sensitive):
        collection = collection.value
    if isinstance(collection, Mapping):
        return {key: collection[key] for key in sorted(collection)}
    if isinstance(collection, list):
        return dict(enumerate(collection))
    if isinstance(collection, Unexplained):
        return collection
    return UNKNOWN if collection is UNKNOWN else Unexplained(str(collection))


def _rows(given: object) -> list[Mapping[str, object]]:
    return [row for row in (given if isinstance(given, list) else [given]) if isinstance(row, Mapping)]
