"""Proposed settings that this checkout's types know are used; unknown ones are listed and left out."""

import json
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.proposal.error import ProposalError
from delivery.proposal.proposal import Proposal
from delivery.proposal.understanding import Understood, understand
from environments.preview import preview
from environments.schema.document import SettingsDocument
from environments.schema.rules import check
from modules.model.selected_settings import SETTINGS
from tests.doctored import GONE, NEXT, Place, doctored

BASE = SettingsDocument.of(SETTINGS)
CONTENT: dict[str, Any] = json.loads(BASE.to_json())
STAGING = next(index for index, row in enumerate(CONTENT["environments"]) if row["name"] == "staging")
PROD = next(index for index, row in enumerate(CONTENT["environments"]) if row["name"] == "prod")
NEW = {**CONTENT["environments"][STAGING], "name": "load-run", "stage": "rehearsal", "adopt": False}


def _understood(content: dict[str, Any]) -> Understood:
    names = ["bootstrap", *(row["name"] for row in content["environments"])]
    return understand(Proposal(settings=content, stacks={name: {} for name in names}), SETTINGS)


def _listed(found: Understood) -> list[tuple[str, str]]:
    return [(each.file, each.field) for each in found.unknown]


def _staging(*edits: tuple[Place, object]) -> dict[str, Any]:
    return doctored(CONTENT, *((("environments", STAGING, *place), value) for place, value in edits))


def test_this_checkouts_settings_are_all_known() -> None:
    assert _understood(CONTENT) == Understood(settings=BASE, unknown=())


def test_a_known_change_is_used() -> None:
    found = _understood(_staging((("web", "replicas"), 2)))
    assert found.unknown == ()
    assert [row.web.replicas for row in found.settings.environments if row.name == "staging"] == [2]


@pytest.mark.parametrize(
    ("place", "value", "field", "words"),
    [
        (("new",), 1, "new", "no such setting; allowed: name, stage, "),
        (("web", "image", "new"), 1, "web.image.new", "no such setting; allowed: tag, digest (given: 1)"),
        (("neighbours", 0, "new"), 1, "neighbours.0.new", "effective: without it"),
        (("alb",), "third", "alb", "(given: 'third'); effective: alb as before"),
        (("web", "replicas"), "2", "web.replicas", "(given: '2'); effective: web.replicas as before"),
        (("web", "replicas"), GONE, "web.replicas", "Field required; effective: web.replicas as before"),
        (("web", "hosts"), ["a"], "web.hosts.0", "effective: web.hosts as before"),
        (("web", "hosts"), [], "web.hosts", "effective: web.hosts as before"),
        (("web", "autoscaling"), {"minimum": 1}, "web.autoscaling.maximum", "effective: web.autoscaling as before"),
        (("web",), [], "web", "effective: web as before"),
        (("web", "minimum_available"), 7, "web", "effective: web as before"),
        (("adopt",), ["media", "new"], "adopt", "effective: adopt as before"),
        (("adopt",), 1, "adopt", "effective: adopt as before"),
        (("delivery",), None, "delivery", "effective: delivery as before"),
        (("neighbours", 0, "labels"), {}, "neighbours.0.labels", "effective: neighbours as before"),
        (("neighbours", NEXT), {"name": "x"}, "neighbours.2.labels", "effective: neighbours as before"),
        (
            ("parameters", "ses_from_email"),
            "a b",
            "parameters.ses_from_email",
            "effective: parameters.ses_from_email",
        ),
        (("adopt",), False, "", "effective: all of it as before"),
    ],
)
def test_refused_values_are_reset(place: Place, value: object, field: str, words: str) -> None:
    """Other changes still count, unless the whole environment is reset."""
    found = _understood(_staging((place, value), (("backups", "expire_after"), 31)))
    [unknown] = found.unknown
    assert (unknown.file, unknown.field) == ("environments/staging.py", field)
    assert words in unknown.words
    assert found.settings.shared == BASE.shared
    [staging] = [row for row in found.settings.environments if row.name == "staging"]
    [before] = [row for row in BASE.environments if row.name == "staging"]
    assert staging == (before.changed({"backups": {"expire_after": 31}}) if field else before)


def test_refused_shared_values_are_reset() -> None:
    found = _understood(doctored(CONTENT, (("shared", "region"), "here"), (("shared", "new"), 1)))
    assert found.settings == BASE
    assert sorted(_listed(found)) == [("environments/shared.py", "new"), ("environments/shared.py", "region")]


def test_unknown_settings_are_left_out() -> None:
    found = _understood({**CONTENT, "new": 1})
    assert (found.settings, _listed(found)) == (BASE, [("settings.json", "new")])


def _new(*edits: tuple[Place, object]) -> dict[str, Any]:
    hosts = [(("web", "hosts"), ["load.mosaiclife.me"]), (("core_api", "hosts"), ["load-api.mosaiclife.me"])]
    orders = [(("web", "ingress_order"), 210), (("core_api", "ingress_order"), 220)]
    others = [(("session", "cookie_name"), "load"), (("neighbours",), []), (("dropped_permissions",), [])]
    row = doctored(NEW, *hosts, *orders, *others, *edits)
    return {**CONTENT, "environments": [*CONTENT["environments"], row]}


def test_a_new_environment_is_used() -> None:
    found = _understood(_new())
    assert found.unknown == ()
    assert [row.name for row in found.settings.environments] == ["load-run", *SETTINGS.names()]


def test_a_refused_new_environment_is_left_out() -> None:
    found = _understood(_new((("alb",), "third"), (("new",), 1)))
    assert found.settings == BASE
    [unknown] = found.unknown
    assert (unknown.file, unknown.field) == ("environments/load_run.py", "alb")
    assert unknown.words.endswith("(given: 'third'); effective: the environment is left out")


def test_a_removed_or_renamed_environment_is_not_unknown() -> None:
    """delivery/proposal/setting_changes.py interprets it."""
    removed = {**CONTENT, "environments": [CONTENT["environments"][PROD]]}
    assert [row.name for row in _understood(removed).settings.environments] == ["prod"]
    renamed = _staging((("name",), "stage-two"), (("stage",), "stage-two"))
    found = _understood(renamed)
    assert found.unknown == ()
    assert [row.name for row in found.settings.environments if row.slot is None] == ["prod", "stage-two"]


def test_another_slot_is_a_new_environment_and_one_beyond_the_limit_is_refused() -> None:
    fourth = {**CONTENT["environments"][0], **json.loads(preview(4).model_dump_json())}
    shared = {**CONTENT["shared"], "previews": {**CONTENT["shared"]["previews"], "slots": 4}}
    environments = [*CONTENT["environments"], fourth]
    found = _understood({"shared": shared, "environments": environments})
    assert found.unknown == ()
    assert "preview-4" in [row.name for row in found.settings.environments]
    [unknown] = _understood({**CONTENT, "environments": environments}).unknown
    assert (unknown.file, unknown.field) == ("environments/preview.py", "slot")


@pytest.mark.parametrize(
    ("edits", "file", "field", "words"),
    [
        ([(("quota", "pods"), 1)], "environments/staging.py", "quota.pods", "1 is less than the"),
        ([(("web", "ingress_order"), 10)], "environments/schema/rules.py", "", "ingress_order 10 is used by prod"),
        ([(("capabilities"), ["new"])], "environments/staging.py", "capabilities", "'new' is unknown"),
    ],
)
def test_if_a_rule_fails_all_settings_are_reset(
    edits: list[tuple[Place, object]], file: str, field: str, words: str
) -> None:
    places = [((place,) if isinstance(place, str) else place, value) for place, value in edits]
    found = _understood(_staging(*places, (("backups", "expire_after"), 31)))
    assert found.settings == BASE
    assert (file, field) in _listed(found)
    assert any(words in each.words and each.words.endswith("all settings as before") for each in found.unknown)


def test_long_and_numerous_values_are_shortened() -> None:
    long = _understood(_staging((("new\n" * 1000,), "x" * 100_000), (("alb",), ["y" * 100_000])))
    assert all(len(text) < 600 and "\n" not in text for each in long.unknown for text in vars(each).values())
    many = _understood(_staging(*(((f"new-{number}",), 1) for number in range(1000))))
    assert len(many.unknown) == 51
    assert many.unknown[-1].words.startswith("950 more settings")
    assert many.settings == BASE


@pytest.mark.parametrize("settings", [[], {"shared": {}}, {"environments": []}, {"shared": {}, "environments": {}}])
def test_an_invalid_settings_document_is_refused(settings: object) -> None:
    with pytest.raises(ProposalError, match="allowed"):
        understand(Proposal(settings=settings, stacks={"bootstrap": {}}), SETTINGS)


def _places(tree: object, place: Place = ()) -> Iterable[Place]:
    yield from [place] if place else []
    for key, value in tree.items() if isinstance(tree, dict) else enumerate(tree if isinstance(tree, list) else []):
        yield from _places(value, (*place, key))


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=8), inner, max_size=2),
    max_leaves=4,
)
PLACES = [place for place in _places(CONTENT) if place[-1] != "name" or len(place) > 3]
PLACES = [place for place in PLACES if len(place) > 2 or (len(place) > 1 and place[0] == "shared")]


@given(place=st.sampled_from(PLACES), value=ANYTHING | st.just(GONE), key=st.none() | st.text(max_size=8))
def test_any_change_results_in_settings_that_satisfy_every_rule(place: Place, value: object, key: str | None) -> None:
    content = (
        doctored(CONTENT, (place if key is None else (*place[:-1], key), value if key is None else 1))
        if (key is None or isinstance(place[-1], str))
        else CONTENT
    )
    rows = content["environments"]
    if any(row.get("name") != before["name"] for row, before in zip(rows, CONTENT["environments"], strict=True)):
        return
    found = _understood(content)
    check(found.settings.environments, found.settings.shared)
    if json.loads(found.settings.to_json()) != content:
        # An omitted field has its default, which need not be reported.
        assert found.unknown or value is GONE
