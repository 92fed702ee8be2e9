"""Only the environment's own role may connect to its database, with no more permissions than an owner needs."""

from collections.abc import Iterator

from delivery.plan.document import ResourceChange
from delivery.policy.rules.rule import Blocks, Finding, Review, Rule, at, is_on, items, texts

_POWERS = ("superuser", "create_database", "create_role", "replication", "bypass_row_level_security")


def _find(review: Review) -> Iterator[Finding]:
    for change in review.changes("postgresql_*"):
        match change.family.removeprefix("postgresql_"):
            case "grant":
                yield from _grant(review, change)
            case "grant_role":
                yield from _membership(review, change)
            case "role":
                yield from _role(change)
            case "database":
                yield from _database(review, change)
            # Bootstrap creates extensions; the stack only forgets those that it once created.
            case "extension":
                if change.after is not None:
                    yield Finding.of(change.address, "would be an extension: only bootstrap creates them")
            case kind:
                if change.after is not None:
                    yield Finding.of(change.address, "is a {}: what it opens, no rule can judge", kind)


def _grant(review: Review, change: ResourceChange) -> Iterator[Finding]:
    if change.before is not None and at(change.before, "role") == "public" and not _still_revokes(review, change):
        what = at(change.before, "object_type")
        yield Finding.of(
            change.address, "would be gone: nothing keeps every role of the instance away from the {}", what
        )
    if change.after is None:
        return
    role, what = (at(change.after, name) for name in ("role", "object_type"))
    privileges = sorted(texts(at(change.after, "privileges")))
    if role == "public":
        if privileges:
            listed = ", ".join(privileges)
            yield Finding.of(change.address, "would give every role of the instance {} on the {}", listed, what)
    elif is_on(at(change.after, "with_grant_option")):
        yield Finding.of(change.address, "would let {} give its permissions on the {} to others", role, what)
    # The planner reads the grants in the database itself.
    elif role != review.names.database_role and (privileges != ["CONNECT"] or role != review.names.database_planner):
        yield Finding.of(change.address, "would give {} permissions on the {}: {}", role, what, ", ".join(privileges))


def _still_revokes(review: Review, change: ResourceChange) -> bool:
    """Whether the grant still has the same subject and object, or its object is gone too."""
    if change.after is None:
        return not review.lapses(change)
    return all(at(change.before, name) == at(change.after, name) for name in ("role", "object_type", "database"))


def _membership(review: Review, change: ResourceChange) -> Iterator[Finding]:
    if change.after is None:
        return
    roles = at(change.after, "role"), at(change.after, "grant_role")
    # The deployer acts as the owner of what it creates.
    if roles != (review.names.database_deployer, review.names.database_role):
        yield Finding.of(change.address, "would make {} a member of {}", *roles)
    if is_on(review.given(change).get("with_admin_option")):
        yield Finding.of(change.address, "would let {} make others members", roles[0])


def _role(change: ResourceChange) -> Iterator[Finding]:
    for power in _POWERS:
        if is_on(at(change.after, power)) and at(change.before, power) is not True:
            yield Finding.of(change.address, "would have {}", power)
    before = {item for item in items(at(change.before, "roles")) if isinstance(item, str)}
    for role in sorted(texts(at(change.after, "roles")) - before):
        yield Finding.of(change.address, "would become a member of {}", role)


def _database(review: Review, change: ResourceChange) -> Iterator[Finding]:
    if change.after is None:
        return
    owner = at(change.after, "owner")
    if owner != review.names.database_role:
        yield Finding.of(change.address, "would belong to {}", owner)
    if is_on(review.given(change).get("is_template")):
        yield Finding.of(change.address, "would be a template: anybody who creates databases could copy it")


RULES = (
    Rule(
        id="database-access",
        danger="Isolation is loosened: database",
        reason="All environments share one PostgreSQL instance; only its roles and grants separate them.",
        blocks=Blocks.ALWAYS,
        find=_find,
    ),
)
