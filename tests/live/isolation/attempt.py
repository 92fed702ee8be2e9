"""A request that the API server must refuse, and what refuses it."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.account import SHARED
from tests.live.isolation.api_objects import Body, path
from tests.live.isolation.raw_api import Answer, Request
from tests.live.isolation.tenant import Tenant

FORBIDDEN = 403


@dataclass(frozen=True, kw_only=True)
class Sides:
    """The environment whose role makes the request, and the one that it must not reach."""

    own: Tenant
    other: Tenant


Made = Callable[[Sides], Body]


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """One request, sent as a dry run: authorization and admission judge it as usual, and nothing is stored.

    of: creates the request. by: the policy that refuses it; None if the role lacks the permission, so that no policy
    is evaluated. protected: only a protected environment refuses it.
    """

    name: str
    of: Callable[[Sides], Request]
    by: str | None
    protected: bool = False

    def is_refused(self, answer: Answer) -> bool:
        """Return whether the answer is the expected refusal; one for any other reason proves nothing."""
        policy = f"ValidatingAdmissionPolicy '{SHARED.project}-{self.by}'"
        said = policy in answer.message if self.by else "ValidatingAdmissionPolicy" not in answer.message
        return answer.code == FORBIDDEN and said


def creating(kind: str, group: str, made: Made) -> Callable[[Sides], Request]:
    """Return a function that requests an object in the own namespace.

    kind: in the plural. group: with its version; empty for the core.
    """
    return lambda it: Request(method="POST", path=path(it.own, kind, group=group), body=made(it))
