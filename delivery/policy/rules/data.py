"""Data must not be lost, nor its safety nets."""

from collections.abc import Iterator

from delivery.plan.document import Action, ResourceChange
from delivery.policy.rules.rule import Blocks, Finding, Review, Rule, at, is_on, items

_DATA = {
    "aws_s3_bucket": "the bucket and the objects in it",
    "aws_secretsmanager_secret": "the secret and every version of it",
    "postgresql_database": "the database and every table in it",
    "postgresql_role": "the login that owns the database",
    "postgresql_extension": "the extension and the columns of its types",
    "kubernetes_namespace": "the namespace and everything that runs in it",
}
# What stored a secret's value until 2026-11-29, and is forgotten: destroyed, it would take the value with it. Of what
# stores it today, a terraform_data, nothing is lost: replaced, it is a rotation.
_VALUE = "aws_secretsmanager_secret_version"
# Forgotten by the stack since 2026-11-29: bootstrap makes it.
_BOOTSTRAPS = "postgresql_extension"
_FATE = {
    Action.DESTROY: "would be destroyed",
    Action.REPLACE: "would be destroyed and made anew, empty",
    Action.FORGET: "would no longer be managed, nor protected",
}


def _lost(review: Review) -> Iterator[Finding]:
    for change in review.changes(*_DATA):
        if change.is_removed and (change.family, change.action) != (_BOOTSTRAPS, Action.FORGET):
            yield Finding.of(change.address, f"{_FATE[change.action]}: {_DATA[change.family]}")
    for change in review.changes(_VALUE):
        if change.action is Action.DESTROY:
            yield Finding.of(change.address, "would be destroyed: the secret's value of today")


def _unprotected(review: Review) -> Iterator[Finding]:
    for change in review.changes("aws_s3_bucket_versioning"):
        status = at(change.after, "versioning_configuration", 0, "status")
        if review.lapses(change) or (change.after is not None and status != "Enabled"):
            yield Finding.of(change.address, "versions would no longer be kept: an overwritten object is lost")
    for change in review.changes("aws_s3_bucket"):
        is_new_and_may = change.before is None and not review.environment.protected
        if (
            is_on(at(change.after, "force_destroy"))
            and not is_on(at(change.before, "force_destroy"))
            and not is_new_and_may
        ):
            yield Finding.of(change.address, "could from now on be destroyed with the objects in it")
    for change in review.changes("aws_secretsmanager_secret"):
        before, after = (at(side, "recovery_window_in_days") for side in (change.before, change.after))
        if isinstance(before, int) and isinstance(after, int) and after < before:
            words = f"once deleted, could be restored for {_days(after)} instead of {before}"
            yield Finding.of(change.address, words)
    for change in review.changes("aws_s3_bucket_lifecycle_configuration"):
        yield from _sooner(change)


def _sooner(change: ResourceChange) -> Iterator[Finding]:
    if change.before is None:
        return
    for what, block, field in (
        ("objects", "expiration", "days"),
        ("replaced versions", "noncurrent_version_expiration", "noncurrent_days"),
    ):
        before, after = (_shortest(side, block, field) for side in (change.before, change.after))
        if after is not None and (before is None or after < before):
            was = "never" if before is None else f"after {before}"
            yield Finding.of(change.address, f"{what} would be deleted after {_days(after)} instead of {was}")


def _days(number: int) -> str:
    return f"{number} day{'' if number == 1 else 's'}"


def _shortest(attributes: object, block: str, field: str) -> int | None:
    """The fewest days of any rule, of whatever prefix: none is told apart from a wider one."""
    days = [at(rule, block, 0, field) for rule in items(at(attributes, "rule")) if at(rule, "status") == "Enabled"]
    return min((number for number in days if isinstance(number, int) and number > 0), default=None)


RULES = (
    Rule(
        id="data-loss",
        danger="Data is lost",
        reason="What people uploaded, the database and the secrets exist once; no apply brings them back.",
        blocks=Blocks.PROTECTED,
        find=_lost,
    ),
    Rule(
        id="data-protection",
        danger="Data loses its safety net",
        reason="Versions, recovery windows and retention are what a mistake is undone with.",
        blocks=Blocks.PROTECTED,
        find=_unprotected,
    ),
)
