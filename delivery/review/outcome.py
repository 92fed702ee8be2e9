"""The result for one environment in a review: a plan, a failed plan, or none because none was asked for."""

from collections.abc import Mapping
from dataclasses import dataclass

from delivery.plan.document import Plan
from delivery.policy.result import GuardResult


@dataclass(frozen=True, kw_only=True)
class Planned:
    """An environment's plan, the stack that was planned, and the guard's result for both."""

    plan: Plan
    stack: Mapping[str, object]
    guard_result: GuardResult

    @property
    def environment(self) -> str:
        """The environment's name."""
        return self.guard_result.environment


@dataclass(frozen=True, kw_only=True)
class Unplanned:
    """A stack that Terraform was not started on: one that could do more than read, or the bootstrap stack."""

    guard_result: GuardResult

    @property
    def environment(self) -> str:
        """The stack's name."""
        return self.guard_result.environment


@dataclass(frozen=True, kw_only=True)
class Failure:
    """An environment whose plan failed; log: what the run printed."""

    environment: str
    log: str


Outcome = Planned | Unplanned | Failure
Judged = Planned | Unplanned
