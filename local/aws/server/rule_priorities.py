"""Lets the rules of a listener swap priorities in one request, as on AWS; moto refuses a priority that is taken.

The load balancer controller moves all rules behind an added or deleted one in a single request.
https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_SetRulePriorities.html
"""

from typing import Any

from moto.elbv2.models import ELBv2Backend

_set_rule_priorities = ELBv2Backend.set_rule_priorities


def install() -> None:
    """Treat a priority as free if the same request moves its rule."""
    setattr(ELBv2Backend, "set_rule_priorities", _set_at_once)  # noqa: B010 mypy forbids the plain form


def _set_at_once(self: ELBv2Backend, rule_priorities: list[dict[str, Any]]) -> list[Any]:
    moving = self.describe_rules(None, [row["RuleArn"] for row in rule_priorities])
    before = [rule.priority for rule in moving]
    for rule in moving:
        rule.priority = None
    try:
        return _set_rule_priorities(self, rule_priorities)
    except BaseException:
        for rule, priority in zip(moving, before, strict=True):
            rule.priority = priority
        raise
