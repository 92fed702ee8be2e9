"""Compares a pull request's settings with the current ones, field by field."""

from collections.abc import Iterator
from dataclasses import dataclass

from delivery.plan.differences import ABSENT, Difference, canonical, differences
from environments.schema.base import Settings
from environments.schema.catalogue import file_of
from environments.schema.document import SHARED_FILE, SettingsDocument

# The field name of a change that adds or removes a whole environment.
WHOLE = "environment"


@dataclass(frozen=True, kw_only=True)
class SettingChange:
    """One field that differs; before or after is ABSENT if there is none.

    file: where it is written. field: such as ``web.replicas`` or ``neighbours[docs].hosts``; ``environment`` for an
    environment that is added or removed, whose value is its name.
    """

    file: str
    field: str
    before: object
    after: object


def setting_changes(base: SettingsDocument, proposed: SettingsDocument) -> tuple[SettingChange, ...]:
    """Return every change of the settings, those of environments/shared.py first."""
    return tuple(_changes(base, proposed))


def _changes(base: SettingsDocument, proposed: SettingsDocument) -> Iterator[SettingChange]:
    yield from _fields(SHARED_FILE, base.shared, proposed.shared)
    left, right = ({row.name: row for row in document.environments} for document in (base, proposed))
    for name in sorted(left.keys() | right.keys()):
        if name in left and name in right:
            yield from _fields(file_of(name), left[name], right[name])
        else:
            before, after = (name if name in rows else ABSENT for rows in (left, right))
            yield SettingChange(file=file_of(name), field=WHOLE, before=before, after=after)


def _fields(file: str, base: Settings, proposed: Settings) -> Iterator[SettingChange]:
    before, after = base.model_dump(mode="json"), proposed.model_dump(mode="json")
    if canonical(before) == canonical(after):
        return
    found = differences(before, after) or [Difference(path="", before=before, after=after)]
    for each in found:
        yield SettingChange(file=file, field=each.path, before=each.before, after=each.after)
