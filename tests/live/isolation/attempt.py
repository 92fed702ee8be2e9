"""A request to the API server that must be refused, and who refuses it."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.account import SHARED
from tests.live.isolation.api_objects import Body, path
from tests.live.isolation.raw_api import Answer, Request
from tests.live.isolation.tenant import Tenant

FORBIDDEN = 403


@dataclass(frozen=True, kw_only=True)
class Sides:
    """The environment whose role asks, and the one that it must not reach."""

    own: Tenant
    other: Tenant


Made = Callable[[Sides], Body]


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """One request, asked as a dry run: authorization and admission judge it like any other, and nothing is made.

    of: makes it. by: the policy that refuses it; None where the role has no right to it, so that no policy is asked.
    protected: it is refused in a protected environment only.
    """

    name: str
    of: Callable[[Sides], Request]
    by: str | None
    protected: bool = False

    def is_refused(self, answer: Answer) -> bool:
        """Whether the answer is the refusal that it must be; one for any other reason proves nothing."""
        policy = f"ValidatingAdmissionPolicy '{SHARED.project}-{self.by}'"
        said = policy in answer.message if self.by else "ValidatingAdmissionPolicy" not in answer.message
        return answer.code == FORBIDDEN and said


def creating(kind: str, group: str, made: Made) -> Callable[[Sides], Request]:
    """Makes an object in the own namespace. kind: in the plural. group: with its version; empty for the core."""
    return lambda it: Request(method="POST", path=path(it.own, kind, group=group), body=made(it))
