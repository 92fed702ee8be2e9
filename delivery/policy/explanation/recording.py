"""Records the values that providers fill in themselves, from plans known to be real."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from delivery.plan.document import Plan
from delivery.policy.explanation.deviation import Deviation
from delivery.policy.explanation.provider_schema import ProviderSchema, compact
from delivery.policy.explanation.resource import all_deviations
from delivery.policy.explanation.stack import Stack
from delivery.redaction.marks import UNKNOWN

Content = dict[str, Any]
Plans = Sequence[tuple[Plan, Mapping[str, Any]]]


def record(schemas: Mapping[str, Any], plans: Plans, *, whole: Iterable[str]) -> Content:
    """Return the content of providers.json.

    schemas: the output of ``terraform providers schema -json``. plans: each with its stack. whole: the name prefixes of
    the providers for which every resource type is recorded; for the others only the types in the plans are.
    """
    used = {change.type for plan, _ in plans for change in plan.resources}
    types = {
        type_: compact(schema["block"])
        for _, provider in sorted(schemas["provider_schemas"].items())
        for type_, schema in sorted(provider.get("resource_schemas", {}).items())
        if type_ in used or type_.partition("_")[0] in whole
    }
    content: Content = {"types": types, "defaults": {}}
    for type_, found in _left_open(content, plans):
        if found.found is UNKNOWN:
            _mark_as_computed(types[type_], found)
    for type_, found in _left_open(content, plans):
        values = content["defaults"].setdefault(type_, {}).setdefault(found.place, [])
        if found.found not in values:
            values.append(found.found)
    for type_, places in list(content["defaults"].items()):
        # A place that never has a value needs no explanation.
        kept = {place: values for place, values in sorted(places.items()) if values != [None]}
        content["defaults"][type_] = kept
    content["defaults"] = {type_: places for type_, places in sorted(content["defaults"].items()) if places}
    return content


def _left_open(content: Content, plans: Plans) -> Iterator[tuple[str, Deviation]]:
    schema = ProviderSchema.of(content)
    for plan, document in plans:
        stack = Stack(document, plan)
        for change in plan.resources:
            body = stack.resources.get(f"{change.type}.{change.name}")
            if change.after is None or body is None:
                continue
            rows = all_deviations(change, body, stack.known, default_tags=stack.default_tags, schema=schema)
            yield from ((change.type, row) for row in rows if row.is_default)


def _mark_as_computed(block: dict[str, Any], found: Deviation) -> None:
    """Terraform's schema does not say which blocks a provider may create; an unknown block in a plan shows it."""
    *above, last = [step for step in found.path if isinstance(step, str)]
    for step in above:
        block = block[step]["block"]
    block[last]["marks"] = ["computed"]
