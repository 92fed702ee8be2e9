"""Changes of settings are reported by file and field."""

from collections.abc import Mapping

import pytest

from delivery.plan.differences import ABSENT
from delivery.proposal.setting_changes import SettingChange, setting_changes
from environments.schema.document import SettingsDocument
from modules.model.selected_settings import SETTINGS

BASE = SettingsDocument.of(SETTINGS)


def _with(name: str, changes: Mapping[str, object]) -> SettingsDocument:
    environments = tuple(row.changed(changes) if row.name == name else row for row in BASE.environments)
    return SettingsDocument(shared=BASE.shared, environments=environments)


def test_equal_settings_have_no_changes() -> None:
    assert setting_changes(BASE, SettingsDocument.parse(BASE.to_json())) == ()


@pytest.mark.parametrize(
    ("changes", "field", "before", "after"),
    [
        ({"web": {"replicas": 3}}, "web.replicas", 1, 3),
        ({"protected": True}, "protected", False, True),
        ({"adopt": True}, "adopt", ["media", "backups", "session-key", "core-api-role", "namespace"], True),
        ({"tunnel_instance": "i-12345678"}, "tunnel_instance", ABSENT, "i-12345678"),
        ({"web": {"hosts": ("stage.mosaiclife.me", "a.mosaiclife.me")}}, "web.hosts", ABSENT, "a.mosaiclife.me"),
    ],
)
def test_a_field_is_a_change(changes: Mapping[str, object], field: str, before: object, after: object) -> None:
    found = setting_changes(BASE, _with("staging", changes))
    assert found == (SettingChange(file="environments/staging.py", field=field, before=before, after=after),)


def test_an_item_of_a_list_is_named() -> None:
    prerender, docs = SETTINGS.find("staging").neighbours
    changed = docs.changed({"hosts": ("other.mosaiclife.me",)})
    [change] = setting_changes(BASE, _with("staging", {"neighbours": (prerender, changed)}))
    assert (change.field, change.before, change.after) == (
        "neighbours[docs].hosts",
        "docs-staging.mosaiclife.me",
        "other.mosaiclife.me",
    )


def test_shared_settings_are_in_their_own_file() -> None:
    shared = BASE.shared.changed({"region": "eu-west-1"})
    [change] = setting_changes(BASE, SettingsDocument(shared=shared, environments=BASE.environments))
    assert change == SettingChange(file="environments/shared.py", field="region", before="us-east-1", after="eu-west-1")


def test_a_renamed_environment_is_one_removed_and_one_added() -> None:
    found = setting_changes(BASE, _with("staging", {"name": "load-run"}))
    assert found == (
        SettingChange(file="environments/load_run.py", field="environment", before=ABSENT, after="load-run"),
        SettingChange(file="environments/staging.py", field="environment", before="staging", after=ABSENT),
    )
