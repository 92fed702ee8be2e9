"""Makes moto move staging labels as Secrets Manager does: each label stays on one version until it is moved.

When another version becomes current, moto removes every label from the previous one, and it forgets the current version
when the label AWSCURRENT is moved.
https://docs.aws.amazon.com/secretsmanager/latest/userguide/whats-in-a-secret.html#term_version
"""

from typing import Any

from moto.secretsmanager.models import FakeSecret

_CURRENT, _PREVIOUS = "AWSCURRENT", "AWSPREVIOUS"


def install() -> None:
    """Change every secret of this process, restored ones included."""
    # The property ignores writes: moto's methods assign the version that they assume to be current.
    setattr(FakeSecret, "default_version_id", property(_current, lambda _self, _assumed: None))  # noqa: B010 mypy forbids the plain form
    setattr(FakeSecret, "reset_default_version", _add_current)  # noqa: B010


def _current(secret: FakeSecret) -> str | None:
    return next((id_ for id_, version in secret.versions.items() if _CURRENT in version["version_stages"]), None)


def _add_current(secret: FakeSecret, version: dict[str, Any], version_id: str) -> None:
    """Add a version that becomes the current one; ``version`` has its labels."""
    before = _current(secret)
    moved = {*version["version_stages"], _PREVIOUS}
    for other in secret.versions.values():
        other["version_stages"] = [label for label in other["version_stages"] if label not in moved]
    if before is not None:
        secret.versions[before]["version_stages"].append(_PREVIOUS)
    secret.versions[version_id] = version
