"""Every plan, including the first, must contain whatever protects a bucket, role, namespace or database."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from delivery.plan.document import ResourceChange
from delivery.policy.rules.rule import Blocks, Finding, Review, Rule, at, owner_of
from modules.model.names import ALLOW, DEFAULT_DENY, LIMITS, QUOTA


@dataclass(frozen=True, kw_only=True)
class _Protector:
    """A family, and the values that identify the intended resource in it."""

    family: str
    values: Mapping[tuple[str | int, ...], object] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """The family with the identifying values."""
        return " ".join((self.family, *map(str, self.values.values())))


def _named(family: str, name: str) -> _Protector:
    return _Protector(family=family, values={("metadata", 0, "name"): name})


_PROTECTORS: Mapping[str, tuple[_Protector, ...]] = {
    "aws_s3_bucket": tuple(
        _Protector(family=f"aws_s3_bucket_{part}")
        for part in (
            *("public_access_block", "ownership_controls", "policy", "versioning"),
            "server_side_encryption_configuration",
        )
    ),
    "aws_iam_role": tuple(
        _Protector(family=f"aws_iam_role_{part}_exclusive") for part in ("policies", "policy_attachments")
    ),
    "kubernetes_namespace": (
        _named("kubernetes_network_policy", DEFAULT_DENY),
        _named("kubernetes_network_policy", ALLOW),
        _named("kubernetes_resource_quota", QUOTA),
        _named("kubernetes_limit_range", LIMITS),
    ),
    "postgresql_database": (
        _Protector(family="postgresql_grant", values={("role",): "public", ("object_type",): "database"}),
    ),
}
# Terraform itself refuses to destroy these in a protected environment.
_KEPT = (
    *("aws_s3_bucket", "aws_secretsmanager_secret", "kubernetes_namespace"),
    *("postgresql_database", "postgresql_role"),
)


def _find(review: Review) -> Iterator[Finding]:
    for row in review.plan.resources:
        if row.after is None:
            continue
        for protector in _PROTECTORS.get(row.family, ()):
            if not any(_protects(review, other, protector, row) for other in review.plan.resources):
                # The rule about the protector itself reports its removal.
                if any(_protected(review, other, protector, row) for other in review.plan.resources):
                    continue
                yield Finding.of(row.address, "would be without its {}", protector.title)
        if review.protected and row.family in _KEPT:
            declared = review.declared(row)
            if at(declared, "lifecycle", "prevent_destroy") is not True:
                yield Finding.of(row.address, "would be destroyed by Terraform without asking: no prevent_destroy")


def _protects(review: Review, row: ResourceChange, protector: _Protector, owned: ResourceChange) -> bool:
    if row.family != protector.family or row.after is None:
        return False
    owner = owner_of(row.type)
    if owner is None or not all(_value(review, row, *path) == value for path, value in protector.values.items()):
        return False
    name = _value(review, owned, *owner.name)
    return isinstance(name, str) and _value(review, row, *owner.reference) == name


def _protected(review: Review, row: ResourceChange, protector: _Protector, owned: ResourceChange) -> bool:
    owner = owner_of(row.type)
    return (
        row.family == protector.family
        and review.lapses(row)
        and owner is not None
        and at(row.before, *owner.reference) == at(owned.before, *owner.name)
        and all(at(row.before, *path) == value for path, value in protector.values.items())
    )


def _value(review: Review, row: ResourceChange, *path: str | int) -> object:
    """The stack's value, because a plan does not contain the value of a reference to a new resource."""
    declared = review.declared(row)
    expression = at(declared, *path)
    return review.filled(expression) if isinstance(expression, str) else review.planned(row, *path)


RULES = (
    Rule(
        id="protection",
        danger="A protection is missing",
        reason="No plan shows the loss of what never existed: each bucket, role, namespace and database needs its own.",
        blocks=Blocks.ALWAYS,
        find=_find,
    ),
)
