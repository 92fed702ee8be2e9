"""A change made by hand, and who must notice it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from lightkube.core.resource import Resource

from tests.live.drift.drift_target import DriftTarget


@dataclass(frozen=True, kw_only=True)
class Change:
    """One change; each change of a batch has its own resource.

    name: in words. make: makes the change. look: asks the real API for what was changed; the change alters its answer,
    and the repair restores it. plan: the address that Terraform plans to change. verify: the failing check; NAMES in
    it, such as {media_bucket}, are the environment's. At least one of the two is required. also: further addresses that
    the plan changes for it.
    """

    name: str
    make: Callable[[DriftTarget], object]
    look: Callable[[DriftTarget], object]
    plan: str | None = None
    verify: str | None = None
    also: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        assert self.plan or self.verify, f"neither plan nor verify sees {self.name}"

    def check(self, target: DriftTarget) -> str | None:
        """Return the name of the check in this environment."""
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
    """Return a change of this Kubernetes object by ``kubectl patch``; {namespace} and the like are filled in."""
    return Change(
        name=name,
        make=lambda target: target.patch(kind, of.format_map(vars(target.names)), change),
        look=lambda target: target.read(kind, of.format_map(vars(target.names)), *look),
        plan=plan,
        verify=verify,
    )


def deleted(name: str, kind: type[Resource], of: str, *, plan: str, verify: str | None = None) -> Change:
    """Return the deletion of this Kubernetes object."""
    return Change(
        name=name,
        make=lambda target: target.delete(kind, of.format_map(vars(target.names))),
        look=lambda target: target.read(kind, of.format_map(vars(target.names)), "metadata", "name"),
        plan=plan,
        verify=verify,
    )
