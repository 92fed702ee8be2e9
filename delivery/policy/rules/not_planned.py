"""A stack that could do more than read is not planned at all, because Terraform would run it with credentials."""

from collections.abc import Iterator

from delivery.policy.rules.rule import Blocks, Finding, Review, Rule


def _find(review: Review) -> Iterator[Finding]:
    for refusal in review.refusals:
        yield Finding.of(refusal.address, "keeps this environment from being planned: {}", refusal.words)


RULES = (
    Rule(
        id="not-planned",
        danger="Not planned",
        reason="Terraform did not run, because this configuration could do more than read. There is no plan to review.",
        blocks=Blocks.ALWAYS,
        find=_find,
        whole=True,
    ),
)
