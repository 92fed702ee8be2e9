"""A stack may only create resource types that this code knows; no rule can judge what another type does."""

from collections.abc import Iterator

from delivery.plan.document import Action
from delivery.policy.rules.rule import Blocks, Finding, Review, Rule, at

# Types without data that settings can remove from a stack: a stack without autoscaling has no autoscaler at all.
_COMES_AND_GOES = ("kubernetes_horizontal_pod_autoscaler", "kubernetes_ingress", "kubernetes_pod_disruption_budget")


def _find(review: Review) -> Iterator[Finding]:
    if review.trusted is None:
        return
    made = at(review.trusted, "resource")
    known = set(made) if isinstance(made, dict) else set()
    for change in review.changes("*"):
        goes = change.action is Action.FORGET or (change.action is Action.DESTROY and change.family in _COMES_AND_GOES)
        if change.type in known or goes:
            continue
        fate = "would be created" if change.after is not None else "would be destroyed"
        yield Finding.of(
            change.address, f"{fate}: no environment has a {{}}, so that no rule can judge it", change.type
        )


RULES = (
    Rule(
        id="kinds",
        danger="A kind that no rule knows",
        reason="The rules judge the kinds that the stacks contain; they cannot judge any other kind.",
        blocks=Blocks.ALWAYS,
        find=_find,
    ),
)
