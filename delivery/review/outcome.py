"""What became of one environment in a review: a plan, none that could be made, or none that was asked for."""

from collections.abc import Mapping
from dataclasses import dataclass

from delivery.plan.document import Plan
from delivery.policy.result import GuardResult


@dataclass(frozen=True, kw_only=True)
class Planned:
    """An environment's plan, the stack that was planned, and what the guard says about both."""

    plan: Plan
    stack: Mapping[str, object]
    guard_result: GuardResult

    @property
    def environment(self) -> str:
        """The environment's name."""
        return self.guard_result.environment


@dataclass(frozen=True, kw_only=True)
class Unplanned:
    """What Terraform was not started on: a stack that could do more than read, or the bootstrap stack."""

    guard_result: GuardResult

    @property
    def environment(self) -> str:
        """The stack's name."""
        return self.guard_result.environment


@dataclass(frozen=True, kw_only=True)
class Failure:
    """An environment for which no plan could be made; log: what the run printed."""

    environment: str
    log: str


Outcome = Planned | Unplanned | Failure
Judged = Planned | Unplanned
