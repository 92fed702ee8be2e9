"""The guard's result for one environment's plan."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from delivery.policy.overrides import EVERYTHING, Override, Overrides
from delivery.policy.rules.rule import Blocks, Finding, Review, Rule


class Severity(StrEnum):
    """The consequence of a finding."""

    BLOCKING = "blocking"
    WARNING = "warning"
    OVERRIDDEN = "overridden"


@dataclass(frozen=True, kw_only=True)
class FindingResult:
    """One finding, the rule that it breaks, and its consequence; reason: why it is allowed."""

    rule: Rule
    finding: Finding
    severity: Severity
    reason: str | None = None


@dataclass(frozen=True, kw_only=True)
class GuardResult:
    """Every finding about an environment's plan, in the order of the rules."""

    environment: str
    protected: bool
    findings: tuple[FindingResult, ...]

    @property
    def blocking(self) -> tuple[FindingResult, ...]:
        """The findings that stop the pull request."""
        return self.of(Severity.BLOCKING)

    def of(self, severity: Severity) -> tuple[FindingResult, ...]:
        """The findings of this severity."""
        return tuple(row for row in self.findings if row.severity is severity)

    def matches(self, override: Override) -> bool:
        """Whether the override is about one of the findings."""
        return override.environment == self.environment and any(
            _is_about(override, row.rule, row.finding) for row in self.findings
        )


def evaluate(review: Review, rules: Sequence[Rule], overrides: Overrides) -> GuardResult:
    """Apply the rules to a plan, and the overrides to the findings."""
    found = [(rule, finding) for rule in rules for finding in rule.find(review)]
    return result(review.environment.name, found, overrides, protected=review.protected)


def result(
    environment: str, found: Iterable[tuple[Rule, Finding]], overrides: Overrides, *, protected: bool
) -> GuardResult:
    """The result of findings about an environment, or about the bootstrap stack."""
    allowed = [row for row in overrides.allowed if row.environment == environment]
    rows = tuple(_result(rule, finding, allowed, protected=protected) for rule, finding in found)
    return GuardResult(environment=environment, protected=protected, findings=rows)


def _result(rule: Rule, finding: Finding, allowed: Sequence[Override], *, protected: bool) -> FindingResult:
    if rule.blocks is Blocks.NEVER or (rule.blocks is Blocks.PROTECTED and not protected):
        return FindingResult(rule=rule, finding=finding, severity=Severity.WARNING)
    for override in allowed:
        if _is_about(override, rule, finding):
            return FindingResult(rule=rule, finding=finding, severity=Severity.OVERRIDDEN, reason=override.reason)
    return FindingResult(rule=rule, finding=finding, severity=Severity.BLOCKING)


def _is_about(override: Override, rule: Rule, finding: Finding) -> bool:
    whole = rule.whole and override.address == EVERYTHING
    return override.rule == rule.id and (whole or override.address == finding.address)
