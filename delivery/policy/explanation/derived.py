"""Attributes that providers derive from others by their own rules, rather than from a default."""

from collections.abc import Iterator, Mapping

from delivery.policy.explanation.deviation import Deviation, Path, Sides, is_nothing, pairs
from delivery.policy.explanation.evaluation import evaluate
from delivery.policy.explanation.known_values import KnownValues
from delivery.policy.explanation.provider_schema import Block
from delivery.policy.explanation.typed_value import value_deviations
from delivery.redaction.marks import UNKNOWN

# Fields that the Kubernetes provider leaves to the server in every manifest, unless the stack names other ones.
_COMPUTED_FIELDS = ("metadata.annotations", "metadata.labels")


def all_tags(
    schema: Block, expected: Mapping[str, object], default_tags: object, known: KnownValues
) -> Mapping[str, object]:
    """The expected values with ``tags_all``: the AWS provider's default tags, overridden by the resource's own."""
    if "tags_all" not in schema.attributes:
        return expected
    rows = default_tags if isinstance(default_tags, list) else [default_tags]
    tags: dict[str, object] = {}
    for given in (*(row.get("tags") for row in rows if isinstance(row, Mapping)), expected.get("tags")):
        found = evaluate(given, known)
        tags |= found if isinstance(found, Mapping) else {}
    return {**expected, "tags_all": tags} if tags else expected


def object_deviations(expected: Mapping[str, object], sides: Sides) -> Iterator[Deviation]:
    """Every deviation of ``object``, the server's copy of ``manifest`` with the server's own additions."""
    fields = expected.get("computed_fields")
    yield from _mirrored(
        expected.get("manifest"),
        sides.below("object"),
        ("object",),
        fields if isinstance(fields, list) else list(_COMPUTED_FIELDS),
    )


def _mirrored(expected: object, sides: Sides, path: Path, computed: list[object]) -> Iterator[Deviation]:
    after = sides.after
    if ".".join(map(str, path[1:])) in computed:
        if after is not UNKNOWN and not sides.stays:
            yield from value_deviations("dynamic", expected, sides, path)
    elif expected is None:
        yield from _added(sides, path, computed)
    elif isinstance(expected, Mapping) and isinstance(after, Mapping):
        for key in sorted({*expected, *after}):
            yield from _mirrored(expected.get(key), sides.below(key), (*path, key), computed)
    elif isinstance(expected, list):

        def of(row: object, index: int) -> list[Deviation]:
            return list(_mirrored(row, sides.below(index), (*path, index), computed))

        yield from pairs(expected, after, path, of, is_set=False)
    else:
        yield from value_deviations("dynamic", expected, sides, path)


def _added(sides: Sides, path: Path, computed: list[object]) -> Iterator[Deviation]:
    """A field that the manifest lacks may be absent, unchanged from today, or known only after the apply."""
    after = sides.after
    if is_nothing(after) or sides.stays or after is UNKNOWN:
        return
    if isinstance(after, Mapping | list):
        for step in sorted(after) if isinstance(after, Mapping) else range(len(after)):
            yield from _mirrored(None, sides.below(step), (*path, step), computed)
    else:
        yield Deviation(path=path, found=after)
