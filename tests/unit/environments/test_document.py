"""Settings survive JSON unchanged; an invalid document is refused with the place of each problem."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from environments.schema.catalogue import Catalogue
from environments.schema.document import DocumentCatalogue, SettingsDocument
from environments.schema.rules import SettingsError
from environments.schema.settings import Environment
from environments.shared import SHARED
from modules.model.selected_settings import ACCOUNTS, settings_of
from tests.doctored import GONE, Place, doctored
from tests.unit.environments.example import changed


@pytest.fixture(scope="module")
def document() -> SettingsDocument:
    catalogue = Catalogue(shared=SHARED.changed({"previews": None}))
    return SettingsDocument(shared=catalogue.shared, environments=(catalogue.find("prod"), catalogue.find("staging")))


@pytest.fixture(scope="module")
def content(document: SettingsDocument) -> dict[str, Any]:
    """A settings document; prod is the first environment, staging the second."""
    data: dict[str, Any] = json.loads(document.to_json())
    return data


@pytest.mark.parametrize("account", ACCOUNTS)
def test_settings_survive_json(account: str) -> None:
    document = SettingsDocument.of(settings_of(account))
    assert SettingsDocument.parse(document.to_json()) == document


@given(
    adopt=st.booleans() | st.sampled_from([(), ("media",), ("media", "core-api-role")]),
    replicas=st.integers(1, 900),
    labels=st.dictionaries(st.from_regex(r"[a-z]{1,9}", fullmatch=True), st.just("x"), min_size=1, max_size=3),
    digest=st.none() | st.from_regex(r"sha256:[0-9a-f]{64}", fullmatch=True),
)
def test_any_settings_survive_json(
    document: SettingsDocument, adopt: object, replicas: int, labels: dict[str, str], digest: str | None
) -> None:
    environment = Environment.model_validate(
        changed(
            {
                "adopt": adopt,
                "web.replicas": replicas,
                "web.image": {"tag": "1a2b3c4", "digest": digest},
                "neighbours": ({"name": "docs", "labels": labels, "images": ("a/b", "c")},),
                "parameters": labels,
            }
        )
    )
    one = SettingsDocument(shared=document.shared, environments=(environment,))
    assert SettingsDocument.parse(one.to_json()) == one


def test_environments_are_sorted(document: SettingsDocument, content: dict[str, Any]) -> None:
    backwards = {**content, "environments": [*reversed(content["environments"])]}
    assert SettingsDocument.parse(json.dumps(backwards)) == document


@pytest.mark.parametrize(
    ("place", "value", "words"),
    [
        (("shared", "account"), "1", "environments/shared.py: Shared.account: String should match pattern"),
        (("shared", "new"), 1, "environments/shared.py: Shared.new: no such setting; allowed: project, project_tag,"),
        (
            ("environments", 0, "web", "replicas"),
            "2",
            "environments/prod.py: Environment.web.replicas: Input should be",
        ),
        (("environments", 0, "web", "replicas"), 2.0, "(given: 2.0)"),
        (("environments", 0, "adopt"), ["x"], "environments/prod.py: Environment.adopt: 'x' cannot be adopted"),
        (
            ("environments", 1, "web", "image", "new"),
            "x",
            "environments/staging.py: Environment.web.image.new: no such setting; allowed: tag, digest (given: 'x')",
        ),
        (
            ("environments", 1, "neighbours", 0, "connections", 0, "new"),
            "x",
            "no such setting; allowed: direction, port, peer, namespace (given: 'x')",
        ),
        (("environments", 1, "session"), GONE, "environments/staging.py: Environment.session: Field required"),
        (("environments", 1, "name"), "a/b", "'a/b' is not an environment name"),
        (("environments", 1, "name"), GONE, "environments is not a list of objects with a name"),
        (("environments", 1), "x", "environments is not a list of objects with a name"),
        (("environments",), {}, "environments is not a list of objects with a name"),
        (("shared",), GONE, "the settings have ['environments']; allowed: {\"shared\": {...}"),
        (("new",), {}, "the settings have ['environments', 'new', 'shared']; allowed"),
        (("shared",), [], "environments/shared.py: Shared: Input should be an object"),
    ],
)
def test_problems_are_reported(content: dict[str, Any], place: Place, value: object, words: str) -> None:
    with pytest.raises(SettingsError) as raised:
        SettingsDocument.parse(json.dumps(doctored(content, (place, value))))
    assert words in str(raised.value)


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "[" * 100_000])
def test_an_invalid_document_is_refused(text: str) -> None:
    with pytest.raises(SettingsError, match=r"^the settings (are not JSON|have )"):
        SettingsDocument.parse(text)


def test_a_documents_catalogue_behaves_like_one_of_files() -> None:
    files = Catalogue()
    catalogue = DocumentCatalogue(SettingsDocument.of(files))
    assert (catalogue.shared, catalogue.names(), catalogue.load()) == (files.shared, files.names(), files.load())
    assert (catalogue.lasting_names(), catalogue.lasting()) == (files.lasting_names(), files.lasting())
    assert catalogue.find("staging") == files.find("staging")
    with pytest.raises(SettingsError, match="'nowhere' is unknown; allowed: "):
        catalogue.find("nowhere")


def test_rules_between_settings_are_checked_on_loading(content: dict[str, Any]) -> None:
    twice = doctored(content, (("environments", 1, "web", "ingress_order"), 10))
    with pytest.raises(SettingsError, match="ingress_order 10 is used by prod and by staging"):
        DocumentCatalogue(SettingsDocument.parse(json.dumps(twice))).load()
