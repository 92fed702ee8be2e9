"""The namespace must keep its Pod Security Standard and its quota.

Source: https://kubernetes.io/docs/concepts/security/pod-security-admission/
"""

from collections.abc import Iterator, Mapping

from delivery.policy.rules.rule import Blocks, Finding, Review, Rule, at
from environments.schema.neighbour import weakest
from modules.model.pod_security import ENFORCE, RESTRICTED

_POD_SECURITY = "pod-security.kubernetes.io/"


def _pod_security(review: Review) -> Iterator[Finding]:
    for change in review.changes("kubernetes_namespace"):
        if change.after is None:
            continue
        before, after = (_labels(side) for side in (change.before, change.after))
        if after.get(ENFORCE) not in (RESTRICTED, weakest(review.environment.neighbours)):
            level = after.get(ENFORCE) or "none"
            yield Finding.of(change.address, "would not enforce restricted Pod Security but {}", level)
        for label in sorted(before.keys() - {ENFORCE}):
            if label.startswith(_POD_SECURITY) and after.get(label) not in (before[label], RESTRICTED):
                values = label, after.get(label) or "nothing", before[label]
                yield Finding.of(change.address, "would set {} to {} instead of {}", *values)


def _for_neighbours(review: Review) -> Iterator[Finding]:
    level = weakest(review.environment.neighbours)
    needing = ", ".join(row.name for row in review.environment.neighbours if row.pod_security == level)
    for change in review.changes("kubernetes_namespace"):
        if level != RESTRICTED and change.after is not None and _labels(change.after).get(ENFORCE) == level:
            yield Finding.of(change.address, "would enforce only {} Pod Security, for neighbour {}", level, needing)


def _labels(attributes: object) -> Mapping[str, object]:
    labels = at(attributes, "metadata", 0, "labels")
    return labels if isinstance(labels, dict) else {}


def _quota(review: Review) -> Iterator[Finding]:
    for change in review.changes("kubernetes_resource_quota"):
        if review.lapses(change):
            yield Finding.of(change.address, "would be gone: the pods may take every node of the cluster")
        if change.after is None:
            continue
        before, after = (at(side, "spec", 0, "hard") for side in (change.before, change.after))
        if isinstance(before, dict):
            for kind in sorted(before.keys() - (after.keys() if isinstance(after, dict) else set())):
                yield Finding.of(change.address, "would no longer limit {}", kind)


RULES = (
    Rule(
        id="pod-security",
        danger="Isolation is loosened: Pod Security",
        reason="A pod that is not restricted can take over its node, and with it every environment's pods there.",
        blocks=Blocks.ALWAYS,
        find=_pod_security,
    ),
    Rule(
        id="pod-security-of-neighbours",
        danger="Isolation is loosened for a neighbour: Pod Security",
        reason="The settings name who needs it (neighbours); every other pod of the namespace may then do the same.",
        blocks=Blocks.NEVER,
        find=_for_neighbours,
    ),
    Rule(
        id="quota",
        danger="Isolation is loosened: quota",
        reason="Without a quota one environment can take the cluster from the others.",
        blocks=Blocks.ALWAYS,
        find=_quota,
    ),
)
