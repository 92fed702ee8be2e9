"""Finds planned values of a resource that neither the stack nor its providers' recorded defaults explain."""

import json
from collections.abc import Iterator, Mapping

from delivery.plan.document import Action, ResourceChange
from delivery.policy.explanation.comparison import deviations
from delivery.policy.explanation.derived import all_tags, object_deviations
from delivery.policy.explanation.deviation import Deviation, Sides
from delivery.policy.explanation.expected import expected
from delivery.policy.explanation.known_values import KnownValues, traversal
from delivery.policy.explanation.provider_schema import Block, ProviderSchema

_MANIFEST = "kubernetes_manifest"


def unexplained_values(
    change: ResourceChange,
    body: Mapping[str, object],
    known: KnownValues,
    *,
    default_tags: object = None,
    schema: ProviderSchema | None = None,
) -> Iterator[Deviation]:
    """Every unexplained planned value of a resource that exists after the apply.

    body: its block in the stack, with ``each`` and ``count`` in ``known``. default_tags: the AWS provider's.
    """
    recorded = schema or ProviderSchema.recorded()
    for found in all_deviations(change, body, known, default_tags=default_tags, schema=recorded):
        if not (found.is_default and _is_recorded(found, recorded.defaults.get(change.type, {}))):
            yield found


def all_deviations(
    change: ResourceChange,
    body: Mapping[str, object],
    known: KnownValues,
    *,
    default_tags: object,
    schema: ProviderSchema,
) -> Iterator[Deviation]:
    """The same, including values that a recorded default explains, or would explain if it were recorded."""
    block = schema.types.get(change.type, Block())
    wanted = all_tags(block, expected(block, body, known), default_tags, known)
    # A replacement is a new object and keeps nothing of the present one.
    sides = Sides(after=change.after, before=None if change.action is Action.REPLACE else change.before)
    ignored = _ignored(body, Sides(after=change.after, before=change.before))
    for found in deviations(block, wanted, sides):
        if change.type == _MANIFEST and found.path[:1] == ("object",):
            continue
        if not any(found.path[: len(path)] == path for path in ignored):
            yield found
    if change.type == _MANIFEST:
        yield from object_deviations(wanted, sides)


def _is_recorded(found: Deviation, defaults: Mapping[str, list[object]]) -> bool:
    """Whether the plan has a recorded default, or has no value where none is recorded."""
    recorded = defaults.get(found.place, [None])
    return json.dumps(found.found, sort_keys=True, default=str) in {json.dumps(row, sort_keys=True) for row in recorded}


def _ignored(body: Mapping[str, object], sides: Sides) -> list[tuple[str | int, ...]]:
    """The paths that stay unchanged because the stack tells Terraform to ignore changes there."""
    lifecycle = body.get("lifecycle")
    rows = lifecycle if isinstance(lifecycle, list) else [lifecycle]
    given = [row.get("ignore_changes") for row in rows if isinstance(row, Mapping)]
    paths: list[tuple[str | int, ...]] = []
    for row in given:
        names = row if isinstance(row, list) else [row]
        paths += [() if name == "all" else traversal(str(name)) or (str(name),) for name in names if name]
    return [path for path in paths if _below(sides, path).stays]


def _below(sides: Sides, path: tuple[str | int, ...]) -> Sides:
    for step in path:
        sides = sides.below(step)
    return sides
