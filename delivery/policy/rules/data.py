"""Data must not be lost."""

from collections.abc import Iterator

from delivery.plan.document import Action
from delivery.policy.rules.rule import Blocks, Finding, Review, Rule

_DATA = {
    "aws_s3_bucket": "the bucket and the objects in it",
    "aws_secretsmanager_secret": "the secret and every version of it",
    "postgresql_database": "the database and every table in it",
    "postgresql_role": "the login that owns the database",
    "postgresql_extension": "the extension and the columns of its types",
    "kubernetes_namespace": "the namespace and everything that runs in it",
}
# Stored a secret's value until 2026-11-29; forgotten, because destroying it would destroy the value. Its successor, a
# terraform_data, loses nothing: its replacement is a rotation.
_VALUE = "aws_secretsmanager_secret_version"
# Forgotten by the stack since 2026-11-29; bootstrap creates it.
_BOOTSTRAPS = "postgresql_extension"
_FATE = {
    Action.DESTROY: "would be destroyed",
    Action.REPLACE: "would be destroyed and created again, empty",
    Action.FORGET: "would no longer be managed, nor protected",
}


def _find(review: Review) -> Iterator[Finding]:
    for change in review.changes(*_DATA):
        if change.is_removed and (change.family, change.action) != (_BOOTSTRAPS, Action.FORGET):
            yield Finding.of(change.address, f"{_FATE[change.action]}: {_DATA[change.family]}")
    for change in review.changes(_VALUE):
        if change.is_removed and change.action is not Action.FORGET:
            yield Finding.of(change.address, "would be destroyed: the secret's value of today")


RULES = (
    Rule(
        id="data-loss",
        danger="Data is lost",
        reason="Uploads, the database and the secrets exist only once; no apply restores them.",
        blocks=Blocks.PROTECTED,
        find=_find,
    ),
)
