"""Finds pods in an environment's namespace that are not its own, and says what the namespace would do to them.

The API server itself says which pods a Pod Security Standard would refuse: it warns when a namespace would get the
label, also about running pods. Source: https://kubernetes.io/docs/concepts/security/pod-security-admission/
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from lightkube.resources.apps_v1 import ReplicaSet
from lightkube.resources.core_v1 import Pod

from delivery.account.kubernetes_namespace import Manifest
from delivery.account.target import Target
from environments.applications import APPLICATIONS, CORE_API
from environments.schema.neighbour import Neighbour, PodSecurity, selects, weakest
from modules.model.pod_security import ENFORCE
from modules.model.tags import selector_labels

# Controllers add these to tell their pods apart; the scheduler adds the topology.
_ADDED = re.compile(
    r"pod-template-hash|controller-revision-hash|pod-template-generation|(batch\.kubernetes\.io/)?(controller-uid|job-name)"
    r"|topology\.kubernetes\.io/.+"
)
_ENDED = ("Succeeded", "Failed")
# NAME: REASONS, or NAME (and 2 other pods): REASONS, for pods that violate the standard in the same way.
_WARNING = re.compile(r"(?P<pod>[a-z0-9.-]+)(?: \(and (?P<others>\d+) other pods?\))?: (?P<reasons>.+)")


@dataclass(frozen=True, kw_only=True)
class ForeignPods:
    """Pods of one owner outside the environment. owner: such as ``Deployment prerender``.

    labels: those that all of the pods share, from which to choose a neighbour's ``labels``. reasons: why the namespace
    would refuse them or cut them off, one line each; empty if none is known.
    """

    owner: str
    labels: Mapping[str, str]
    reasons: Sequence[str]


@dataclass
class _Owner:
    pods: list[Manifest] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    @property
    def labels(self) -> dict[str, str]:
        first, *others = [pod["metadata"].get("labels", {}) for pod in self.pods]
        return {
            key: value
            for key, value in first.items()
            if not _ADDED.fullmatch(key) and all(labels.get(key) == value for labels in others)
        }


def foreign_pods(target: Target) -> list[ForeignPods]:
    """The pods that belong neither to the environment nor to a neighbour in its settings, by owner.

    Includes a neighbour that the settings' Pod Security Standard would still refuse. Raises CheckError if there is no
    such namespace or the API server refuses to answer.
    """
    level = weakest(target.environment.neighbours)
    owners = _foreign(target)
    _add_refusals(owners, _refusals(target, level), level)
    neighbours = target.environment.neighbours
    return [
        ForeignPods(owner=name, labels=owner.labels, reasons=(*owner.refused, *([] if known else _cut_off(owner))))
        for name, owner in sorted(owners.items())
        for known in [_neighbour(neighbours, owner.labels)]
        if owner.refused or known is None
    ]


def _foreign(target: Target) -> dict[str, _Owner]:
    """The owners of running pods that belong to none of our applications."""
    sets = {item["metadata"]["uid"]: item for item in target.namespace.read_all(ReplicaSet)}
    owners: dict[str, _Owner] = defaultdict(_Owner)
    ours = [selector_labels(application, target.names.instance) for application in APPLICATIONS]
    for pod in target.namespace.read_all(Pod):
        labels = pod["metadata"].get("labels", {})
        ended = pod.get("status", {}).get("phase") in _ENDED
        # A migration's pod, whose Job belongs to the environment, is recognized by its instance label.
        migrates = labels.get("app.kubernetes.io/instance") == target.names.instance and "job-name" in labels
        if not ended and not migrates and not any(selects(mine, labels) for mine in ours):
            owners[_owner(pod, sets)].pods.append(pod)
    return owners


def _owner(pod: Manifest, sets: Mapping[str, Manifest]) -> str:
    """The controller that creates the pod (the Deployment of a ReplicaSet), or the pod itself if there is none."""
    metadata = pod["metadata"]
    for reference in metadata.get("ownerReferences", []):
        if reference.get("controller"):
            above = sets.get(reference["uid"], {}).get("metadata", {}).get("ownerReferences", [])
            named = next((row for row in above if row.get("controller")), reference)
            return f"{named['kind']} {named['name']}"
    return f"Pod {metadata['name']}"


def _neighbour(neighbours: Sequence[Neighbour], labels: Mapping[str, str]) -> Neighbour | None:
    return next((neighbour for neighbour in neighbours if selects(neighbour.labels, labels)), None)


def _refusals(target: Target, level: PodSecurity) -> list[str]:
    # The server's own version: its rules are those of "latest", and the server does not judge if nothing changes.
    return target.namespace.warnings({ENFORCE: level, f"{ENFORCE}-version": target.namespace.server_version()})


def _add_refusals(owners: Mapping[str, _Owner], warnings: Sequence[str], level: PodSecurity) -> None:
    """Give each owner the server's reasons; the server names one pod of those that share the same reasons."""
    by_pod = {pod["metadata"]["name"]: owner for owner in owners.values() for pod in owner.pods}
    matches = [match for match in map(_WARNING.fullmatch, warnings) if match]
    for match in matches:
        if owner := by_pod.get(match["pod"]):
            owner.refused.append(f"{level} Pod Security would refuse it: {match['reasons']}")
    for match in matches:
        own = len(by_pod[match["pod"]].pods) if match["pod"] in by_pod else 1
        if int(match["others"] or 0) >= own:
            for owner in owners.values():
                if not owner.refused:
                    owner.refused.append(
                        f"{level} Pod Security may refuse it, as {match['others']} pods beside {match['pod']}: "
                        f"{match['reasons']}"
                    )


def _cut_off(owner: _Owner) -> Iterator[str]:
    """The ports that would become unreachable. A pod does not declare what it connects to."""
    ports = {
        port["containerPort"]
        for pod in owner.pods
        for container in pod["spec"]["containers"]
        for port in container.get("ports", [])
    }
    for port in sorted(ports - {CORE_API.container_port}):
        yield f"the network policies would let nothing reach its port {port}"
