"""Finds outputs of a plan that do not follow from its stack."""

from collections.abc import Iterator

from delivery.plan.differences import canonical
from delivery.plan.document import Action, OutputChange
from delivery.policy.explanation.deviation import Sides
from delivery.policy.explanation.evaluation import evaluate
from delivery.policy.explanation.stack import Stack
from delivery.policy.explanation.typed_value import value_deviations
from delivery.policy.explanation.words import deviation_finding
from delivery.policy.rules.rule import Finding
from delivery.redaction.marks import Sensitive


def unexplained_outputs(changes: tuple[OutputChange, ...], stack: Stack) -> Iterator[Finding]:
    """Every output whose planned value differs from the stack's, and every output in only one of the two."""
    planned = {change.name: change for change in changes if change.action is not Action.DESTROY}
    for name in sorted({*planned} - {*stack.outputs}):
        yield Finding.of(f"output.{name}", "is in the plan, but not in the stack")
    for name in sorted({*stack.outputs} - {*planned}):
        yield Finding.of(f"output.{name}", "is in the stack, but not in the plan")
    for name in sorted({*planned} & {*stack.outputs}):
        change, body = planned[name], stack.outputs[name]
        wanted = evaluate(body.get("value"), stack.known)
        if body.get("sensitive") in (True, "true") and not isinstance(wanted, Sensitive):
            wanted = Sensitive(wanted)
        sides = Sides(after=change.after, before=change.before)
        for found in value_deviations("dynamic", wanted, sides, ()):
            yield deviation_finding(f"output.{name}", found)
        if change.action is Action.UNCHANGED and canonical(change.before) != canonical(change.after):
            yield Finding.of(f"output.{name}", "is planned as unchanged, but differs from today's")
