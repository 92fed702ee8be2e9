"""What the guard says about one environment's plan."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from delivery.policy.overrides import Override, Overrides
from delivery.policy.rules.rule import Blocks, Finding, Review, Rule


class Weight(StrEnum):
    """What follows from a finding."""

    STOPS = "stops"
    NAMED = "named only"
    ALLOWED = "allowed"


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """One finding, the rule that it breaks, and what follows from it; reason: why it is allowed."""

    rule: Rule
    finding: Finding
    weight: Weight
    reason: str | None = None


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """Every finding about an environment's plan, in the order of the rules."""

    environment: str
    protected: bool
    judgements: tuple[Judgement, ...]

    @property
    def stopping(self) -> tuple[Judgement, ...]:
        """What stops the pull request."""
        return self.of(Weight.STOPS)

    def of(self, weight: Weight) -> tuple[Judgement, ...]:
        """The findings of this weight."""
        return tuple(judgement for judgement in self.judgements if judgement.weight is weight)

    def matches(self, override: Override) -> bool:
        """The override is about one of the findings."""
        return override.environment == self.environment and any(
            (judgement.rule.id, judgement.finding.address) == (override.rule, override.address)
            for judgement in self.judgements
        )


def judge(review: Review, rules: Sequence[Rule], overrides: Overrides) -> Verdict:
    """Apply the rules to a plan, and the overrides to what they find."""
    allowed = [row for row in overrides.allowed if row.environment == review.environment.name]
    return Verdict(
        environment=review.environment.name,
        protected=review.environment.protected,
        judgements=tuple(
            _weigh(rule, finding, allowed, protected=review.environment.protected)
            for rule in rules
            for finding in rule.find(review)
        ),
    )


def _weigh(rule: Rule, finding: Finding, allowed: Sequence[Override], *, protected: bool) -> Judgement:
    if rule.blocks is Blocks.PROTECTED and not protected:
        return Judgement(rule=rule, finding=finding, weight=Weight.NAMED)
    for override in allowed:
        if (override.rule, override.address) == (rule.id, finding.address):
            return Judgement(rule=rule, finding=finding, weight=Weight.ALLOWED, reason=override.reason)
    return Judgement(rule=rule, finding=finding, weight=Weight.STOPS)
