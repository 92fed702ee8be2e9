"""Only the environment's own role may connect to its database, with no more rights than an owner needs."""

from collections.abc import Iterator

from delivery.plan.document import ResourceChange
from delivery.policy.rules.rule import Blocks, Finding, Review, Rule, at, is_on, texts

_POWERS = ("superuser", "create_database", "create_role", "replication", "bypass_row_level_security")


def _find(review: Review) -> Iterator[Finding]:
    for change in review.changes("postgresql_grant"):
        yield from _grant(review, change)
    for change in review.changes("postgresql_grant_role"):
        roles = at(change.after, "role"), at(change.after, "grant_role")
        # Who deploys acts as the owner of what it makes.
        if change.after is not None and roles != (review.names.database_deployer, review.names.database_role):
            yield Finding.of(change.address, "would make {} a member of {}", *roles)
    for change in review.changes("postgresql_role"):
        for power in _POWERS:
            if is_on(at(change.after, power)) and not is_on(at(change.before, power)):
                yield Finding.of(change.address, "would have {}", power)
        for role in sorted(texts(at(change.after, "roles")) - texts(at(change.before, "roles"))):
            yield Finding.of(change.address, "would become a member of {}", role)
    for change in review.changes("postgresql_database"):
        owner = at(change.after, "owner")
        if change.after is not None and owner != review.names.database_role:
            yield Finding.of(change.address, "would belong to {}", owner)


def _grant(review: Review, change: ResourceChange) -> Iterator[Finding]:
    role = at(change.after or change.before, "role")
    privileges = sorted(texts(at(change.after, "privileges")))
    what = at(change.after or change.before, "object_type")
    if role == "public" and change.after is None and review.lapses(change):
        yield Finding.of(
            change.address, "would be gone: nothing keeps every role of the instance away from the {}", what
        )
    elif role == "public" and privileges:
        yield Finding.of(
            change.address, "would give every role of the instance {} on the {}", ", ".join(privileges), what
        )
    elif privileges == ["CONNECT"] and role == review.names.database_planner:
        # Whoever plans reads the grants in the database itself.
        return
    elif change.after is not None and role not in ("public", review.names.database_role):
        yield Finding.of(change.address, "would give {} rights on the {}: {}", role, what, ", ".join(privileges))


RULES = (
    Rule(
        id="database-access",
        danger="Isolation is loosened: database",
        reason="All environments share one PostgreSQL instance: its roles and grants are what separates them.",
        blocks=Blocks.ALWAYS,
        find=_find,
    ),
)
