"""A change made by hand, and who must see it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from lightkube.core.resource import Resource

from tests.live.drift.drift_target import DriftTarget


@dataclass(frozen=True, kw_only=True)
class Change:
    """One change, each of a batch on a resource of its own.

    name: in words. make: makes it. look: asks the real API for what was changed: another answer than before after the
    change, the same as before once it is healed. plan: the address that Terraform plans to change. verify: the name of
    the check that fails; NAMES in it, such as {media_bucket}, are the environment's. At least one of the two.
    also: further addresses that the plan changes for it.
    """

    name: str
    make: Callable[[DriftTarget], object]
    look: Callable[[DriftTarget], object]
    plan: str | None = None
    verify: str | None = None
    also: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        assert self.plan or self.verify, f"nobody sees {self.name}"

    def check(self, target: DriftTarget) -> str | None:
        """The name of the check in this environment."""
        return self.verify and self.verify.format_map(vars(target.names))


def patched(
    name: str,
    kind: type[Resource],
    of: str,
    change: Mapping[str, object] | list[object],
    *look: str | int,
    plan: str | None = None,
    verify: str | None = None,
) -> Change:
    """A Kubernetes object of this name changed as ``kubectl patch`` does; {namespace} and the like are filled in."""
    return Change(
        name=name,
        make=lambda target: target.patch(kind, of.format_map(vars(target.names)), change),
        look=lambda target: target.read(kind, of.format_map(vars(target.names)), *look),
        plan=plan,
        verify=verify,
    )


def deleted(name: str, kind: type[Resource], of: str, *, plan: str, verify: str | None = None) -> Change:
    """A Kubernetes object of this name deleted."""
    return Change(
        name=name,
        make=lambda target: target.delete(kind, of.format_map(vars(target.names))),
        look=lambda target: target.read(kind, of.format_map(vars(target.names)), "metadata", "name"),
        plan=plan,
        verify=verify,
    )
