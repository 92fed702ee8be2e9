"""Whatever can undo a mistake must stay: versions, recovery windows, retention, and keys that the account owns."""

from collections import Counter
from collections.abc import Iterator

from delivery.plan.document import ResourceChange
from delivery.policy.rules.rule import Blocks, Finding, Review, Rule, at, is_on, items, whole

_LIFECYCLE = "aws_s3_bucket_lifecycle_configuration"
# The service's default and maximum.
_RECOVERY_DAYS = 30
_NEVER = 10**9
_ENCRYPTION = "AES256"
# The words for the deleted objects, the block that deletes them, and its field in days.
_EXPIRATIONS = (
    ("objects", "expiration", "days"),
    ("replaced versions", "noncurrent_version_expiration", "noncurrent_days"),
)


def _find(review: Review) -> Iterator[Finding]:
    for change in review.changes("aws_s3_bucket_versioning"):
        status = at(change.after, "versioning_configuration", 0, "status")
        if review.lapses(change) or (change.after is not None and status != "Enabled"):
            yield Finding.of(change.address, "versions would no longer be kept: an overwritten object is lost")
    for change in review.changes("aws_s3_bucket"):
        was_on = at(change.before, "force_destroy") is True
        may_be_new = change.before is None and not review.protected
        if is_on(at(change.after, "force_destroy")) and not was_on and not may_be_new:
            yield Finding.of(change.address, "could from now on be destroyed with the objects in it")
    for change in review.changes("aws_secretsmanager_secret"):
        yield from _recovery(review, change)
    for change in review.changes(_LIFECYCLE):
        if change.after is not None:
            yield from _expirations(review, change)
    yield from _second_configurations(review)
    yield from _keys(review)


def _recovery(review: Review, change: ResourceChange) -> Iterator[Finding]:
    if change.after is None:
        return
    given = at(change.after, "recovery_window_in_days")
    after = _RECOVERY_DAYS if given is None else (whole(given) or 0)
    # The window of a secret that Terraform did not create is unknown: it has none until the secret is deleted.
    known = whole(at(change.before, "recovery_window_in_days"))
    before = known if known is not None else (_RECOVERY_DAYS if review.protected else 0)
    if after < before:
        yield Finding.of(change.address, f"once deleted, could be restored for {_days(after)} instead of {before}")


def _expirations(review: Review, change: ResourceChange) -> Iterator[Finding]:
    """Compares with today's configuration; for a new one, with the settings of its bucket."""
    allowed = _of_settings(review, change)
    for what, block, field in _EXPIRATIONS:
        after = _shortest(change.after, block, field)
        before = allowed[block] if change.before is None else _shortest(change.before, block, field)
        if after < before:
            was = "never" if before == _NEVER else f"after {before}"
            yield Finding.of(change.address, f"{what} would be deleted after {_days(after)} instead of {was}")
    for rule in items(at(change.after, "rule")):
        date = at(rule, "expiration", 0, "date")
        if _is_enabled(rule) and date not in (None, ""):
            yield Finding.of(change.address, "objects would be deleted on {}, at any age", date)


def _of_settings(review: Review, change: ResourceChange) -> dict[str, int]:
    """The minimum number of days in the settings for each kind of expiration in this bucket."""
    bucket = review.planned(change, "bucket")
    environment = review.environment
    old_versions = {
        review.names.media_bucket: environment.media.old_versions_expire_after,
        review.names.backups_bucket: environment.backups.old_versions_expire_after,
    }
    return {
        "expiration": environment.backups.expire_after if bucket == review.names.backups_bucket else _NEVER,
        "noncurrent_version_expiration": old_versions.get(str(bucket), _NEVER),
    }


def _shortest(attributes: object, block: str, field: str) -> int:
    """The fewest days of any rule; prefixes are not distinguished."""
    return min(
        (_count(rule, block, field) for rule in items(at(attributes, "rule")) if _is_enabled(rule)), default=_NEVER
    )


def _count(rule: object, block: str, field: str) -> int:
    given = at(rule, block, 0, field)
    if given is None:
        return _NEVER
    days = whole(given)
    # The provider writes 0 for an expiration by date, or for one that applies only to delete markers.
    return 0 if days is None else (days or _NEVER)


def _is_enabled(rule: object) -> bool:
    return at(rule, "status") != "Disabled"


def _second_configurations(review: Review) -> Iterator[Finding]:
    """A bucket has only one lifecycle: of two resources, the one applied last wins."""
    kept = [row for row in review.plan.resources if row.family == _LIFECYCLE and row.after is not None]
    buckets = Counter(str(review.planned(row, "bucket")) for row in kept)
    for row in kept:
        bucket = str(review.planned(row, "bucket"))
        if row.does_something and buckets[bucket] > 1:
            yield Finding.of(row.address, "is a further lifecycle of {}: the last one that is applied counts", bucket)


def _keys(review: Review) -> Iterator[Finding]:
    """With someone else's key, its owner decides whether the data can be read."""
    for change in review.changes("aws_s3_bucket_server_side_encryption_configuration"):
        if review.lapses(change):
            yield Finding.of(change.address, "would be gone: nothing says how objects are encrypted")
        for rule in items(at(change.after, "rule")):
            default = at(rule, "apply_server_side_encryption_by_default", 0)
            algorithm, key = at(default, "sse_algorithm"), at(default, "kms_master_key_id")
            if algorithm != _ENCRYPTION or key not in (None, ""):
                yield Finding.of(change.address, "would encrypt by {} with the key {}", algorithm, key or "none")
    for change in review.changes("aws_secretsmanager_secret"):
        for argument in ("kms_key_id", "replica"):
            if argument in review.given(change):
                yield Finding.of(
                    change.address, "has {}: secrets are kept by the account's own key, in one region", argument
                )


def _days(number: int) -> str:
    return f"{number} day{'' if number == 1 else 's'}"


RULES = (
    Rule(
        id="data-protection",
        danger="Data loses its safety net",
        reason="Versions, recovery windows and retention are how a mistake is undone.",
        blocks=Blocks.PROTECTED,
        find=_find,
    ),
)
