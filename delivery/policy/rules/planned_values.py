"""Everything that a plan does must follow from the stack that was planned."""

from collections.abc import Iterator

from delivery.plan.document import ResourceChange
from delivery.policy.explanation.actions import unexplained_actions
from delivery.policy.explanation.outputs import unexplained_outputs
from delivery.policy.explanation.provider_configuration import unexplained_providers
from delivery.policy.explanation.resource import unexplained_values
from delivery.policy.explanation.stack import Stack
from delivery.policy.explanation.words import deviation_finding
from delivery.policy.rules.rule import Blocks, Finding, Review, Rule


def _find(review: Review) -> Iterator[Finding]:
    stack = Stack(review.stack, review.plan)
    yield from unexplained_providers(review.plan.providers, stack)
    yield from unexplained_actions(review.plan.resources, stack)
    for change in review.plan.resources:
        yield from _values(change, stack)
    yield from unexplained_outputs(review.plan.outputs, stack)


def _values(change: ResourceChange, stack: Stack) -> Iterator[Finding]:
    body = stack.resources.get(f"{change.type}.{change.name}")
    if body is None or change.after is None:
        return
    instances = stack.instances(body)
    known = instances.get(change.index, stack.known) if isinstance(instances, dict) else stack.known
    for found in unexplained_values(change, body, known, default_tags=stack.default_tags):
        yield deviation_finding(change.address, found)


RULES = (
    Rule(
        id="unexplained",
        danger="The plan does not follow from its stack",
        reason="Only the stack's own values, and those that its providers fill in, are allowed.",
        blocks=Blocks.ALWAYS,
        find=_find,
    ),
)
