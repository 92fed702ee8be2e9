"""The namespace must keep its Pod Security Standard and its quota.

Source: https://kubernetes.io/docs/concepts/security/pod-security-admission/
"""

from collections.abc import Iterator

from delivery.plan.document import ResourceChange
from delivery.policy.rules.rule import Blocks, Finding, Review, Rule, at, items, labels_at
from environments.schema.formats import parse_quantity
from environments.schema.neighbour import weakest
from modules.model.pod_security import ENFORCE, RESTRICTED, pod_security_labels
from modules.model.quota import hard_limits

_POD_SECURITY = "pod-security.kubernetes.io/"
_LABELS = ("metadata", 0, "labels")


def _pod_security(review: Review) -> Iterator[Finding]:
    expected = pod_security_labels(weakest(review.environment.neighbours))
    for change in review.changes("kubernetes_namespace"):
        if change.after is None:
            continue
        before, after = (labels_at(side, *_LABELS) or {} for side in (change.before, change.after))
        if after.get(ENFORCE) not in (RESTRICTED, expected[ENFORCE]):
            level = after.get(ENFORCE) or "none"
            yield Finding.of(change.address, "would not enforce restricted Pod Security but {}", level)
        # Today's labels; for a new namespace, those that the settings give it.
        wanted = {**(expected if change.before is None else {}), **before}
        for label in sorted(wanted.keys() - {ENFORCE}):
            allowed = (wanted[label], expected.get(label), RESTRICTED)
            if label.startswith(_POD_SECURITY) and after.get(label) not in allowed:
                values = label, after.get(label) or "nothing", wanted[label]
                yield Finding.of(change.address, "would set {} to {} instead of {}", *values)


def _for_neighbours(review: Review) -> Iterator[Finding]:
    level = weakest(review.environment.neighbours)
    needing = ", ".join(row.name for row in review.environment.neighbours if row.pod_security == level)
    for change in review.changes("kubernetes_namespace"):
        enforced = (labels_at(change.after, *_LABELS) or {}).get(ENFORCE)
        if level != RESTRICTED and change.after is not None and enforced == level:
            yield Finding.of(change.address, "would enforce only {} Pod Security, for neighbour {}", level, needing)


def _quota(review: Review) -> Iterator[Finding]:
    for change in review.changes("kubernetes_resource_quota"):
        if review.lapses(change):
            yield Finding.of(change.address, "would be gone: the pods may take every node of the cluster")
        if change.after is not None:
            yield from _limits(review, change)
    for change in review.changes("kubernetes_limit_range"):
        if review.lapses(change):
            yield Finding.of(change.address, "would be gone: a container that names no limits has none")


def _limits(review: Review, change: ResourceChange) -> Iterator[Finding]:
    hard = labels_at(change.after, "spec", 0, "hard") or {}
    before = labels_at(change.before, "spec", 0, "hard") or {}
    expected = hard_limits(review.environment.quota)
    for kind in sorted({*before, *expected}):
        if hard.get(kind) is None:
            yield Finding.of(change.address, "would no longer limit {}", kind)
        elif kind in expected and not _is_within(hard[kind], expected[kind]):
            values = hard[kind], kind, expected[kind]
            yield Finding.of(change.address, "would allow {} of {} instead of the settings' {}", *values)
    for field in ("scopes", "scope_selector"):
        if items(at(change.after, "spec", 0, field)):
            yield Finding.of(change.address, "would limit only some pods, by {}", field)


def _is_within(given: object, allowed: str) -> bool:
    try:
        return isinstance(given, str) and parse_quantity(given) <= parse_quantity(allowed)
    except ValueError:
        return False


RULES = (
    Rule(
        id="pod-security",
        danger="Isolation is loosened: Pod Security",
        reason="An unrestricted pod can compromise its node, and with it every environment's pods there.",
        blocks=Blocks.ALWAYS,
        find=_pod_security,
    ),
    Rule(
        id="pod-security-of-neighbours",
        danger="Isolation is loosened for a neighbour: Pod Security",
        reason="A neighbour in the settings needs it; every other pod of the namespace may then do the same.",
        blocks=Blocks.NEVER,
        find=_for_neighbours,
    ),
    Rule(
        id="quota",
        danger="Isolation is loosened: quota",
        reason="Without a quota, one environment can starve the others of the cluster.",
        blocks=Blocks.ALWAYS,
        find=_quota,
    ),
)
