"""README.md: what it shows is there, and what it says of adding an environment is what the tests do."""

import re

import pytest

from modules.model.project import ROOT
from tests.readme import COMMANDS, CONTENT, FILE, README
from tests.synth.test_addresses import COMMAND


def test_every_picture_exists_and_has_a_text_in_its_place() -> None:
    files = re.findall(r'(?:src|srcset)="([^"]+)"', README)
    assert files
    assert [file for file in files if not (ROOT / file).is_file()] == []
    images = re.findall(r"<img [^>]+>", README)
    assert [image for image in images if not re.search(r'alt="[^"]{40,}"', image)] == []


def test_a_dark_page_has_dark_pictures() -> None:
    pairs = re.findall(r'srcset="([^"]+)-dark\.(\w+)">\s+<img src="([^"]+)-light\.(\w+)"', README)
    assert len(pairs) == README.count("<picture>") > 0
    assert [pair for pair in pairs if pair[:2] != pair[2:]] == []


def test_an_environment_is_added_by_a_file_and_two_commands() -> None:
    """Both are tried by tests/synth/test_further_environments.py, and a deploy of the file by tests/live/faults."""
    assert FILE == "environments/demo.py"
    assert 'name="demo"' in CONTENT
    assert COMMANDS == [COMMAND, "make local ENV=demo"]


@pytest.mark.parametrize("page", ["LICENSE", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"])
def test_the_page_leads_to_what_every_repository_has(page: str) -> None:
    assert f"]({page})" in README
