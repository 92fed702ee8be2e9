"""The settings of previews (number, application, lifetime), and a single preview's settings."""

import pytest
from pydantic import ValidationError

from environments.preview import preview
from environments.schema.previews import Previews
from environments.schema.rules import SettingsError, check
from environments.shared import SHARED
from tests.unit.environments.example import REMOVED, Data, environment

REPOSITORY = "mosaic-stories/mosaic-life"
PREVIEW: Data = {"name": "preview-1", "slot": 1, "branch": REMOVED}


@pytest.mark.parametrize(
    ("field", "value", "allowed"),
    [
        ("repository", "mosaic-life", "String should match pattern"),
        ("slots", 0, "greater than or equal to 1"),
        ("slots", 10, "less than or equal to 9"),
        ("slots", "3", "valid integer"),
        ("label", "", "String should match pattern"),
        ("label", "a\nb", "String should match pattern"),
        ("asleep_after_hours", 0, "greater than or equal to 1"),
        ("asleep_after_hours", 721, "less than or equal to 720"),
        ("released_after_days", 0, "greater than or equal to 1"),
        ("released_after_days", 31, "less than or equal to 30"),
        ("database_on_push", "new", "'keep' or 'anew'"),
        ("seeded", 1, "valid boolean"),
        ("slot", 1, "Extra inputs are not permitted"),
    ],
)
def test_a_setting_of_previews_is_checked(field: str, value: object, allowed: str) -> None:
    with pytest.raises(ValidationError) as raised:
        Previews.model_validate({"repository": REPOSITORY, field: value})
    (problem,) = raised.value.errors()
    assert problem["loc"] == (field,)
    assert allowed in problem["msg"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("slots", 9),
        ("label", "kind: preview/web"),
        ("asleep_after_hours", 720),
        ("released_after_days", 30),
        ("database_on_push", "anew"),
        ("seeded", True),
    ],
)
def test_a_setting_of_previews_is_accepted(field: str, value: object) -> None:
    assert getattr(Previews.model_validate({"repository": REPOSITORY, field: value}), field) == value


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"name": "test"}, "name is 'test' in slot 1; allowed: 'preview-1'"),
        ({"name": "preview-2"}, "name is 'preview-2' in slot 1; allowed: 'preview-1'"),
        ({"branch": "develop"}, "'develop' in slot 1; allowed: none"),
        ({"protected": True}, "protected is True in slot 1; allowed: False"),
        ({"adopt": ("media",)}, "adopt is ('media',) in slot 1; allowed: False"),
    ],
)
def test_a_preview_has_no_branch_and_no_protected_data(changes: Data, message: str) -> None:
    with pytest.raises(ValidationError) as raised:
        environment({**PREVIEW, **changes})
    (problem,) = raised.value.errors()
    assert message in problem["msg"]


def test_a_permanent_environment_needs_a_branch() -> None:
    with pytest.raises(ValidationError, match="is missing; allowed: the branch that is deployed here"):
        environment({"branch": REMOVED})


def test_previews_are_deployed_from_the_default_branch_and_others_from_their_own() -> None:
    assert preview(1).deployed_branch(SHARED) == SHARED.default_branch
    assert environment().deployed_branch(SHARED) == "develop"


def test_previews_are_valid_together_and_share_nothing() -> None:
    check([preview(slot) for slot in range(1, 10)], SHARED.changed({"previews": {"slots": 9}}))


@pytest.mark.parametrize(
    ("previews", "message"),
    [
        ({"slots": 1}, "preview-2.slot: 2 is not one of the 1 slots (shared.previews); allowed: 1 to 1"),
        (None, "preview-2.slot: 2 is not one of the 0 slots (shared.previews); allowed: none"),
    ],
)
def test_a_preview_beyond_the_slots_is_refused(previews: Data | None, message: str) -> None:
    with pytest.raises(SettingsError) as raised:
        check([preview(2)], SHARED.changed({"previews": previews}))
    assert str(raised.value) == message


def test_an_environments_own_cookie_domain_applies_to_its_hosts() -> None:
    moved = {
        "session.cookie_domain": ".preview.mosaiclife.me",
        "web.hosts": ("test.preview.mosaiclife.me",),
        "core_api.hosts": ("test-api.preview.mosaiclife.me",),
    }
    certified = SHARED.changed({"certificate": {"names": ("*.preview.mosaiclife.me",)}})
    check([environment(moved)], certified)
    assert environment(moved).cookie_domain(SHARED) == ".preview.mosaiclife.me"
    assert environment().cookie_domain(SHARED) == SHARED.cookie_domain
    outside = {**moved, "web.hosts": ("test.mosaiclife.me",)}
    with pytest.raises(SettingsError, match=r"domain '.preview.mosaiclife.me' \(session.cookie_domain\); allowed"):
        check([environment(outside)], certified)


def test_one_cookie_name_serves_two_domains() -> None:
    ours = {"session.cookie_name": "session"}
    other = environment({**ours, "name": "other", "stage": "other"}).changed(
        {
            "web": {"hosts": ("other.mosaiclife.me",), "ingress_order": 310},
            "core_api": {"hosts": ("other-api.mosaiclife.me",), "ingress_order": 320},
        }
    )
    with pytest.raises(SettingsError, match=r"'session', '.mosaiclife.me'\) is used by test and by other"):
        check([environment(ours), other], SHARED)
    hosts = {"web.hosts": ("web.a.mosaiclife.me",), "core_api.hosts": ("api.a.mosaiclife.me",)}
    one = environment({**ours, **hosts, "session.cookie_domain": ".a.mosaiclife.me"})
    check([one, other], SHARED.changed({"certificate": {"names": ("*.a.mosaiclife.me",)}}))
